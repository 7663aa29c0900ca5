// The review queue by keyboard: j and k go from row to row, y takes the first person near it, 1-9 another, n none of them.
// y and n send a row at once; with several rows chosen by mouse, the button sends them together.
const form = document.querySelector("[data-review]");
const rows = form ? [...form.querySelectorAll("[data-row]")] : [];
let at = 0;

function go(to) {
  at = Math.max(0, Math.min(rows.length - 1, to));
  rows.forEach((row, i) => row.classList.toggle("is-current", i === at));
  rows[at]?.focus({ preventScroll: true });
  rows[at]?.scrollIntoView({ block: "nearest" });
}

function choose(pick, send) {
  const inputs = [...(rows[at]?.querySelectorAll("input[type=radio]:not(:disabled)") ?? [])];
  const input = pick(inputs);
  if (!input) return;
  input.checked = true;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  if (send) form.requestSubmit();
}

const people = (inputs) => inputs.filter((input) => input.value !== "none");
const keys = {
  j: () => go(at + 1),
  k: () => go(at - 1),
  y: () => choose((inputs) => people(inputs).find((input) => input.checked) ?? people(inputs)[0], true),
  n: () => choose((inputs) => inputs.find((input) => input.value === "none"), true),
};

if (rows.length) {
  rows[0].classList.add("is-current"); // not focused: the page begins at its top
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input:not([type=radio]), select, textarea") || event.target.isContentEditable;
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (document.querySelector("dialog[open]")) return;
    const act = /^[1-9]$/.test(event.key)
      ? () => choose((inputs) => people(inputs)[Number(event.key) - 1], false)
      : keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  form.addEventListener("focusin", (event) => {
    const row = rows.findIndex((each) => each.contains(event.target));
    if (row >= 0 && row !== at) {
      at = row;
      rows.forEach((each, i) => each.classList.toggle("is-current", i === at));
    }
  });
}
