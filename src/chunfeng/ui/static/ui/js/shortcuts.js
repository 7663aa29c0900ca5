// Keys for what the mouse does: data-key="y" on a link, button or field clicks or focuses it; ? lists what the page has.
const typing = (element) => element.isContentEditable || element.matches("input:not([type=checkbox], [type=radio]), select, textarea");
const visible = (element) => element.checkVisibility?.() ?? element.offsetParent !== null;

/** Elements with a key, the first for each key, top to bottom. */
function keyed() {
  const found = new Map();
  document.querySelectorAll("[data-key]").forEach((element) => {
    if (!found.has(element.dataset.key) && visible(element)) found.set(element.dataset.key, element);
  });
  return found;
}

const words = (element) =>
  element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent;

function list() {
  const target = document.querySelector("[data-keys-list]");
  target.querySelectorAll("[data-listed]").forEach((row) => row.remove());
  const found = keyed();
  const add = (tag, ...content) => {
    const row = document.createElement(tag);
    row.dataset.listed = "";
    row.append(...content);
    target.append(row);
  };
  found.forEach((element, key) => {
    const cap = document.createElement("kbd");
    cap.textContent = key;
    add("dt", cap);
    add("dd", words(element).trim().replace(/\s+/g, " "));
  });
  if (!found.size) add("dd", target.dataset.empty);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") {
    list();
    document.getElementById("shortcuts").showModal();
    event.preventDefault();
    return;
  }
  const element = keyed().get(event.key);
  if (!element || element.disabled) return;
  event.preventDefault();
  if (typing(element)) element.focus();
  else element.click();
});
document.addEventListener("click", (event) => event.target.closest("[data-dialog=shortcuts]") && list(), true);
