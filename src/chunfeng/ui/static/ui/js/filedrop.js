// Dropping, pasting and listing files for a plain file input, which works without any of this.
const size = (bytes) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} KB` : `${(bytes / 1e6).toFixed(1)} MB`);

function prepare(zone) {
  if (zone.dataset.ready) return;
  zone.dataset.ready = "1";
  const input = zone.querySelector("input[type=file]");
  const list = zone.querySelector(".cf-drop-list");
  const limit = Number(zone.dataset.limit) || Infinity;
  let chosen = [...input.files];

  const keep = (files) => {
    const bag = new DataTransfer();
    const seen = new Set();
    for (const file of files) {
      const mark = `${file.name}/${file.size}/${file.lastModified}`;
      if (!seen.has(mark)) bag.items.add(file);
      seen.add(mark);
      if (!input.multiple) break;
    }
    input.files = bag.files;
    chosen = [...bag.files];
    show();
  };

  const show = () => {
    list.replaceChildren(
      ...[...input.files].map((file, place) => {
        const row = document.createElement("li");
        const name = document.createElement("span");
        name.className = "name";
        name.textContent = file.name;
        const told = document.createElement("span");
        const large = file.size > limit;
        told.className = large ? "bad" : "quiet";
        told.textContent = large ? `${size(file.size)} ${zone.dataset.tooLarge}` : size(file.size);
        const remove = document.createElement("button");
        remove.type = "button";
        remove.className = "btn btn-sm btn-outline-secondary";
        remove.textContent = zone.dataset.remove;
        remove.setAttribute("aria-label", `${zone.dataset.remove} ${file.name}`);
        remove.addEventListener("click", () => {
          keep(chosen.filter((_file, other) => other !== place));
          input.focus();
        });
        row.append(name, told, remove);
        return row;
      }),
    );
    list.hidden = !input.files.length;
    input.setCustomValidity([...input.files].some((file) => file.size > limit) ? zone.dataset.tooLarge : "");
  };

  const given = (transfer) => [...(transfer?.files ?? [])];
  const add = (files) => files.length && keep(input.multiple ? [...chosen, ...files] : files);
  // a second look into the folder, or a second photograph, adds to the first instead of taking its place
  input.addEventListener("change", () => (input.multiple ? keep([...chosen, ...input.files]) : show()));
  for (const kind of ["dragenter", "dragover"]) {
    zone.addEventListener(kind, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  for (const kind of ["dragleave", "drop"]) zone.addEventListener(kind, () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    add(given(event.dataTransfer));
  });
  zone.addEventListener("paste", (event) => add(given(event.clipboardData)));
}

const look = (root) => root.querySelectorAll("[data-drop]").forEach(prepare);
look(document);
document.addEventListener("htmx:load", (event) => look(event.detail.elt.parentElement ?? document));
