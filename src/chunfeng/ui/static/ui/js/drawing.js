// What charts and maps share: loading the library when a figure comes into sight, letters, sizes, redrawing.
export const PALETTE = ["#0b4f9e", "#c77700", "#17663a", "#8a2d7d", "#4a6b8a", "#a3201b", "#00737a"];

export const chinese = document.documentElement.lang.startsWith("zh");
export const number = new Intl.NumberFormat(chinese ? "zh-CN" : "en");

/** Size of letters in pixels, as the reader has set the page. */
export const letters = () => parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.8125;

export const font = () => ({ fontFamily: getComputedStyle(document.body).fontFamily, fontSize: letters(), color: "#1d2530" });

/** The tooltip is drawn, not written as HTML: names in it come from data. */
export const tooltip = () => ({
  renderMode: "richText",
  confine: true,
  backgroundColor: "#1d2530",
  borderWidth: 0,
  textStyle: { ...font(), color: "#fff" },
});

const drawn = new WeakMap();

/** Draw `box` by `option(library)`: once it is near the screen, or after a while, so that paper has it too. */
export function draw(box, option, name) {
  if (drawn.has(box)) return;
  drawn.set(box, true);
  let begun = false;
  const show = async () => {
    if (begun) return;
    begun = true;
    try {
      const library = await import(box.dataset.library);
      box.classList.add("drawn"); // it has a width from here on
      const settings = await option(library);
      const figure = library.init(box, null, { renderer: "svg", locale: chinese ? "ZH" : "EN" });
      figure.setOption(settings);
      figure.on("click", (event) => {
        const address = event.data?.url;
        if (address) window.location.assign(address);
      });
      new ResizeObserver(() => box.clientWidth && box.clientHeight && figure.resize()).observe(box);
      box.dataset.state = "drawn";
    } catch (error) {
      box.classList.remove("drawn"); // the table beside it says the same
      box.dataset.state = "failed";
      console.error(name, error);
    }
  };
  const near = new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) {
        near.disconnect();
        show();
      }
    },
    { rootMargin: "400px" },
  );
  near.observe(box.parentElement);
  setTimeout(show, 4000);
}

/** Call `found(element)` for all matches now and in whatever htmx brings in later. */
export function each(selector, found) {
  const look = (root) => {
    if (root.matches?.(selector)) found(root);
    root.querySelectorAll(selector).forEach(found);
  };
  look(document);
  document.addEventListener("htmx:load", (event) => look(event.detail.elt));
}

export const read = (id) => JSON.parse(document.getElementById(id).textContent);
