// Bars, lines, pies, points and flows out of the JSON beside a figure.
import { PALETTE, draw, each, font, letters, number, read, tooltip } from "./drawing.js";

const axis = () => ({
  axisLabel: { ...font(), hideOverlap: true },
  axisLine: { lineStyle: { color: "#8a96a6" } },
  splitLine: { lineStyle: { color: "#e3e8ef" } },
});

function base(data) {
  const several = data.columns.length > 2;
  return {
    color: PALETTE,
    textStyle: font(),
    animation: false,
    aria: { enabled: true, label: { enabled: false }, decal: { show: several || data.kind === "pie" } },
    tooltip: { ...tooltip(), valueFormatter: (value) => (value == null ? data.none : `${number.format(value)} ${data.unit}`) },
    legend: several ? { top: 0, textStyle: font(), itemGap: 16 } : { show: false },
    grid: { left: 8, right: 24, top: several ? letters() * 3 : 16, bottom: 8, containLabel: true },
  };
}

function item(data, row, value) {
  return { value, url: data.urls[row] || "" };
}

function columns(data, type) {
  const flat = data.kind === "rows";
  const names = { type: "category", data: data.rows.map((row) => row[0]), ...axis(), inverse: flat };
  const values = { type: "value", ...axis(), name: flat ? "" : data.unit, nameTextStyle: font() };
  const one = data.columns.length === 2;
  return {
    ...base(data),
    tooltip: { ...base(data).tooltip, trigger: "axis", axisPointer: { type: type === "bar" ? "shadow" : "line" } },
    xAxis: flat ? values : names,
    yAxis: flat ? names : values,
    series: data.columns.slice(1).map((name, column) => ({
      type,
      name,
      stack: data.stacked ? "all" : undefined,
      barMaxWidth: 36,
      symbolSize: 7,
      lineStyle: { width: 2.5 },
      label: one && type === "bar" ? { show: true, position: flat ? "right" : "top", ...font(), formatter: (p) => (p.value == null ? data.none : number.format(p.value)) } : undefined,
      data: data.rows.map((row, i) => item(data, i, row[column + 1])),
    })),
  };
}

const OPTIONS = {
  bar: (data) => columns(data, "bar"),
  rows: (data) => ({ ...columns(data, "bar"), grid: { left: 8, right: letters() * 5, top: 16, bottom: 8, containLabel: true } }),
  line: (data) => columns(data, "line"),
  pie: (data, narrow) => ({
    ...base(data),
    legend: { show: narrow, bottom: 0, textStyle: font() },
    series: [
      {
        type: "pie",
        radius: narrow ? ["34%", "62%"] : ["38%", "66%"],
        center: ["50%", narrow ? "42%" : "50%"],
        percentPrecision: 1,
        label: {
          ...font(),
          lineHeight: letters() * 1.4,
          position: narrow ? "inside" : "outside",
          ...(narrow ? { color: "#fff", textBorderColor: "#1d2530", textBorderWidth: 2 } : {}),
          formatter: (p) => (narrow ? `${p.percent}%` : `${p.name}\n${number.format(p.value)}　${p.percent}%`),
        },
        itemStyle: { borderColor: "#fff", borderWidth: 2 },
        data: data.rows.map((row, i) => ({ ...item(data, i, row[1]), name: row[0] })).filter((part) => part.value != null),
      },
    ],
  }),
  scatter: (data) => ({
    ...base(data),
    legend: { show: false },
    grid: { left: 8, right: 24, top: letters() * 2.5, bottom: letters() * 2, containLabel: true },
    tooltip: { ...tooltip(), formatter: (p) => `${p.name}\n${data.columns[1]} ${number.format(p.value[0])}\n${data.columns[2]} ${number.format(p.value[1])}` },
    xAxis: { ...axis(), name: data.columns[1], nameLocation: "middle", nameGap: letters() * 2, nameTextStyle: font(), scale: true },
    yAxis: { ...axis(), name: data.columns[2], nameTextStyle: font(), scale: true },
    series: [{ type: "scatter", symbolSize: 11, itemStyle: { opacity: 0.75 }, data: data.rows.map((row, i) => ({ name: row[0], ...item(data, i, [row[1], row[2]]) })) }],
  }),
  sankey: (data) => ({
    ...base(data),
    legend: { show: false },
    aria: { enabled: false },
    series: [
      {
        type: "sankey",
        left: 8,
        right: letters() * 8,
        top: 12,
        bottom: 12,
        nodeGap: 14,
        layoutIterations: 0, // top to bottom in the order of the rows
        label: font(),
        lineStyle: { color: "source", opacity: 0.28 },
        emphasis: { focus: "adjacency" },
        data: [...new Set(data.rows.flatMap((row) => [row[0], row[1]]))].map((name) => ({ name })),
        links: data.rows.map((row, i) => ({ source: row[0], target: row[1], ...item(data, i, row[2]) })).filter((flow) => flow.value > 0),
      },
    ],
  }),
};

each("[data-chart]", (box) => {
  draw(box, () => {
    const data = { ...read(box.dataset.chart), none: box.dataset.none };
    return OPTIONS[data.kind](data, box.clientWidth < 480);
  }, "chart");
});
