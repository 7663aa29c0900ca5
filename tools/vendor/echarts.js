// What the platform draws with: these charts, these parts, as SVG. Everything else of ECharts stays out.
import { init, registerMap, use } from "echarts/core";
import { BarChart, LineChart, MapChart, PieChart, SankeyChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent, GeoComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent,
} from "echarts/components";
import { LabelLayout } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";

use([
  BarChart, LineChart, MapChart, PieChart, SankeyChart, ScatterChart,
  AriaComponent, GeoComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent,
  LabelLayout, SVGRenderer,
]);

export { init, registerMap };
