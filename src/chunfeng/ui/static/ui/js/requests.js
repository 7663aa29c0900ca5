// What is said when a request of htmx fails, and notices a response brings along (HX-Trigger: {"notice": {level, text}}).
const line = document.getElementById("notices");

/** Show a notice; errors stay until closed, others for eight seconds. */
function notice(text, level = "info") {
  const box = document.createElement("div");
  box.className = `cf-alert cf-alert-${level}`;
  const words = document.createElement("div");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "cf-close";
  close.setAttribute("aria-label", line.dataset.close);
  close.textContent = "×";
  close.addEventListener("click", () => box.remove());
  box.append(words, close);
  line.replaceChildren(box);
  if (level !== "error") setTimeout(() => box.remove(), 8000);
}

document.addEventListener("notice", (event) => notice(event.detail.text ?? String(event.detail.value ?? ""), event.detail.level));
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  notice(status === 403 ? line.dataset.forbidden : status === 401 ? line.dataset.expired : line.dataset.failed, "error");
});
// A session that has ended answers with the sign-in page, or one below it that says why: go there as a whole, and come back.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { responseURL } = event.detail.xhr;
  const { signin } = line.dataset;
  if (!signin || !responseURL || !new URL(responseURL).pathname.startsWith(signin) || location.pathname.startsWith(signin)) return;
  event.detail.shouldSwap = false;
  location.assign(`${signin}?next=${encodeURIComponent(location.pathname + location.search)}`);
});
document.addEventListener("htmx:sendError", () => notice(line.dataset.offline, "error"));
document.addEventListener("htmx:timeout", () => notice(line.dataset.offline, "error"));
