// Native dialogs (data-dialog="id" opens) and menus that close when one looks elsewhere.
document.querySelectorAll("button[data-dialog][hidden]").forEach((button) => button.removeAttribute("hidden"));

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog?.showModal) {
    event.preventDefault();
    opener.closest("details[data-menu]")?.removeAttribute("open");
    if (!dialog.open) dialog.showModal();
    dialog.querySelector(".cf-dialog-body :is(input:not([type=hidden]), select, textarea)")?.focus();
  } else if (event.target.matches("dialog.cf-dialog")) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside && event.detail > 0) event.target.close();
  }
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  });
});

// The navigation as a sheet on a phone: opened and closed without leaving one's place on the page.
const sheet = document.getElementById("menu");
const more = document.querySelector('.tabbar a[href="#menu"]');
function fold() {
  if (!sheet?.classList.contains("open")) return;
  sheet.classList.remove("open");
  more.focus();
}
more?.addEventListener("click", (event) => {
  event.preventDefault();
  sheet.classList.add("open");
  sheet.querySelector(".side-link").focus();
});
sheet?.querySelector(".side-close a").addEventListener("click", (event) => {
  if (!sheet.classList.contains("open")) return;
  event.preventDefault();
  fold();
});

document.addEventListener("keydown", (event) => {
  if (event.key === " " && event.target.matches("a[role=button][data-dialog]")) {
    event.preventDefault();
    event.target.click();
  }
  if (event.key !== "Escape") return;
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    menu.removeAttribute("open");
    menu.querySelector("summary").focus();
  });
  fold();
});

// On a small screen filters begin folded, unless something is chosen that does not stand below them.
if (matchMedia("(max-width: 767.98px)").matches) {
  document.querySelectorAll("details[data-filter]").forEach((filter) => {
    const told = filter.nextElementSibling?.matches(".cf-chosen");
    if (told || !new URLSearchParams(location.search).size) filter.removeAttribute("open");
  });
}
// What is folded is unfolded for paper.
window.addEventListener("beforeprint", () => document.querySelectorAll(".cf-tree details").forEach((part) => (part.open = true)));
