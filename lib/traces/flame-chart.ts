import { type ChartSpec, framed } from "../core/chart/theme.ts";
import type { Frame } from "./flame-layout.ts";

/** Narrower frames than this share are not drawn. */
const narrowest = 0.002;

const width = 760;
const rowHeight = 16;
/** Of Inter at 10 px, on average. */
const letterWidth = 5.6;

/** What kinds of flame graphs differ in. */
export interface FlameStyle {
  readonly title: string;
  readonly subtitle: string;
  readonly description: string;
  /** The number that a frame's colour stands for. */
  readonly shade: (frame: Frame) => number;
  /** Its scale and legend. */
  readonly color: object;
  /** A line of the tooltip about it. */
  readonly tooltip?: object;
}

/** Frames as rectangles as wide as their weight, callers below. */
export function flameChart(frames: readonly Frame[], style: FlameStyle): ChartSpec {
  const weight = frames[0]!.total;
  const wide = frames.filter(({ total }) => total / weight >= narrowest);
  const depth = wide.reduce((most, { depth: row }) => Math.max(most, row), 0) + 1;
  const values = wide.map((frame) => {
    const { name, depth: row, start, total, self } = frame;
    const room = Math.floor(((total / weight) * width - 6) / letterWidth);
    return {
      name,
      from: (100 * start) / weight,
      to: (100 * (start + total)) / weight,
      low: row + 0.04,
      high: row + 0.96,
      label: room < 3 ? "" : name.length > room ? `${name.slice(0, room - 1)}…` : name,
      total: (100 * total) / weight,
      self: (100 * self) / weight,
      shade: style.shade(frame),
    };
  });
  const x = {
    field: "from",
    type: "quantitative",
    scale: { domain: [0, 100], nice: false },
    axis: { title: "samples by weight (%)", grid: false },
  };
  const y = { field: "low", type: "quantitative", scale: { domain: [0, depth], nice: false }, axis: null };
  const tooltip = [
    { field: "name", type: "nominal", title: "function" },
    { field: "total", type: "quantitative", title: "on the stack (%)", format: ".3~g" },
    { field: "self", type: "quantitative", title: "itself (%)", format: ".3~g" },
    ...(style.tooltip === undefined ? [] : [style.tooltip]),
  ];
  const options = {
    title: style.title,
    subtitle: `${style.subtitle}; callers below; frames below ${100 * narrowest} % are left out`,
  };
  return framed(options, [], style.description, {
    width,
    height: depth * rowHeight,
    data: { values },
    layer: [
      {
        mark: { type: "rect" },
        encoding: {
          x,
          x2: { field: "to" },
          y,
          y2: { field: "high" },
          color: { field: "shade", type: "quantitative", ...style.color },
          tooltip,
        },
      },
      {
        mark: {
          type: "text",
          align: "left",
          baseline: "middle",
          dx: 3,
          dy: -rowHeight / 2,
          fontSize: 10,
          color: "#1A1A1A",
        },
        encoding: { x, y, text: { field: "label", type: "nominal" } },
      },
    ],
  });
}
