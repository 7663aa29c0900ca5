// Forms: the list of errors gets the focus, nothing is sent twice, changes are not lost unasked (data-dirty), typing keeps one signed in.
const errors = document.querySelector("[data-errors]");
if (errors) {
  errors.focus();
  document.title = `! ${document.title}`;
}

const state = (form) => new URLSearchParams([...new FormData(form)].map(([key, value]) => [key, value.name ?? value])).toString();
const begun = new WeakMap();
let leaving = false;

function watch(root) {
  const forms = root.matches?.("form[data-dirty]") ? [root] : root.querySelectorAll("form[data-dirty]");
  forms.forEach((form) => begun.has(form) || begun.set(form, state(form)));
}
watch(document);
document.addEventListener("htmx:load", (event) => watch(event.detail.elt));

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest?.("form[data-dirty]");
  if (form && event.detail.successful) begun.set(form, state(form)); // it is saved
});

window.addEventListener("beforeunload", (event) => {
  if (leaving) return;
  const dirty = [...document.querySelectorAll("form[data-dirty]")].some((form) => begun.has(form) && begun.get(form) !== state(form));
  if (dirty) event.preventDefault();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog" || form.target) return;
  const htmx = ["hx-post", "hx-get", "hx-put", "hx-delete"].some((name) => form.hasAttribute(name));
  if (htmx || form.method === "get") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  leaving = true;
  setTimeout(() => { // an answer that is a download leaves the page where it is
    delete form.dataset.sent;
    leaving = false;
  }, 5000);
});

// Whoever types is there, though no page is asked for: the session is told so every few minutes.
const alive = document.getElementById("notices")?.dataset.alive;
const OFTEN = 300_000; // milliseconds, well below the half hour after which idleness ends a session
let told = Date.now();
document.addEventListener("input", (event) => {
  if (!alive || event.target.form?.method !== "post" || Date.now() - told < OFTEN) return;
  told = Date.now();
  fetch(alive, { method: "HEAD" }).catch(() => {}); // without a connection the form stays as it is
});

window.addEventListener("pageshow", () => {
  leaving = false;
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});
