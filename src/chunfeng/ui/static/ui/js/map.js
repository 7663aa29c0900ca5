// Figures of regions on the outlines of Fujian; the same as the table beside the map.
import { draw, each, font, number, read, tooltip } from "./drawing.js";

const SHADES = ["#d8e6f6", "#a9c9ec", "#6ea3da", "#2f74bd", "#0b4f9e"];
const UNKNOWN = { color: "#8a96a6", symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: -Math.PI / 4 };

const shade = (place, count) => SHADES[count === 1 ? 3 : Math.round((place * (SHADES.length - 1)) / (count - 1))];

async function option(box, library) {
  const data = read(box.dataset.map);
  const answer = await fetch(box.dataset.outlines);
  if (!answer.ok) throw new Error(`outlines: ${answer.status}`);
  const all = (await answer.json()).features;
  const features = all.filter((feature) => feature.properties.code.startsWith(data.within));
  const map = `${data.level}-${data.within}`;
  library.registerMap(map, { type: "FeatureCollection", features });
  const known = new Map(data.regions.map(([code, name, value, url]) => [code, { name, value, url }]));
  const names = new Map(features.map(({ properties }) => [properties.code, properties.name]));
  const told = (value) => (value == null ? box.dataset.none : `${number.format(value)} ${data.unit}`);
  const narrow = box.clientWidth < 480; // the legend goes below the map, not beside it
  const label = {
    show: features.length <= 30,
    ...font(),
    textBorderColor: "#fff",
    textBorderWidth: 3,
    formatter: (p) => names.get(p.name),
  };
  return {
    animation: false,
    textStyle: font(),
    aria: { enabled: true, label: { enabled: false } },
    tooltip: { ...tooltip(), formatter: (p) => `${names.get(p.name)}\n${data.measure} ${told(known.get(p.name)?.value)}` },
    visualMap: {
      type: "piecewise",
      left: 0,
      bottom: 0,
      textStyle: font(),
      itemWidth: 18,
      hoverLink: false,
      selectedMode: false,
      pieces: data.classes
        .map(([min, max], place, { length }) => ({
          min,
          max,
          color: shade(place, length),
          label: min === max ? number.format(min) : `${number.format(min)} – ${number.format(max)}`,
        }))
        .reverse(),
      show: data.classes.length > 0,
    },
    series: [
      {
        type: "map",
        map,
        nameProperty: "code",
        aspectScale: 0.9, // a degree east at 26° north, against one north
        selectedMode: false,
        layoutCenter: narrow ? ["50%", "36%"] : ["54%", "50%"],
        layoutSize: "98%",
        label,
        labelLayout: { hideOverlap: true },
        itemStyle: { borderColor: "#fff", borderWidth: 0.8, areaColor: "#eef1f5" },
        emphasis: { label: { ...label, show: true }, itemStyle: { areaColor: "#ffd47a" } },
        data: features.map(({ properties: { code } }) => {
          const region = known.get(code);
          return region?.value == null
            ? { name: code, url: region?.url ?? "", itemStyle: { areaColor: "#eef1f5", borderColor: "#8a96a6", decal: UNKNOWN } }
            : { name: code, value: region.value, url: region.url };
        }),
      },
    ],
  };
}

each("[data-map]", (box) => draw(box, (library) => option(box, library), "map"));
