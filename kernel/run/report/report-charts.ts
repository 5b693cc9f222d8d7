import { drawChart } from "../html/draw-chart.ts";
import { escapeHtml } from "../html/escape.ts";
import { countVerdicts, VERDICTS, type ComparisonRow, type Verdict } from "./comparison.ts";
import type { Paper } from "./paper.ts";

// At least 3 to 1 on white and on the dark page alike, and told apart with every kind of colour vision.
const COLORS: Readonly<Record<Verdict, string>> = {
  agrees: "#009E73",
  differs: "#D55E00",
  "not published": "#808080",
  calibration: "#0077BB",
};

// The page's own colour of text, light or dark.
const INK = "currentColor";
const CONFIG = {
  background: "transparent",
  axis: {
    labelColor: INK,
    titleColor: INK,
    domainColor: INK,
    tickColor: INK,
    gridColor: INK,
    gridOpacity: 0.15,
    labelLimit: 240,
  },
  legend: { labelColor: INK, titleColor: INK, orient: "top", titleOrient: "left" },
  view: { stroke: null },
};

/** The report's charts, as HTML: drawn here, they need neither scripts nor the network. */
export async function verdictCharts(papers: readonly Paper[]): Promise<string> {
  if (papers.length === 0) return "";
  const charts = [sharesChart(papers), distancesChart(papers)].filter((chart) => chart !== undefined);
  const drawn: string[] = [];
  for (const { caption, text, spec } of charts) {
    const svg = await drawChart({ mode: "vega-lite", spec: { config: CONFIG, ...spec } });
    const named = svg.replace("<svg ", `<svg role="img" aria-label="${escapeHtml(text)}" `);
    drawn.push(
      `<figure><div class="scroll" role="region" tabindex="0" aria-label="${escapeHtml(caption)}">${named}</div>` +
        `<figcaption>${escapeHtml(caption)}</figcaption></figure>`,
    );
  }
  return drawn.join("\n");
}

interface ReportChart {
  readonly caption: string;
  /** For readers who cannot see it. */
  readonly text: string;
  readonly spec: object;
}

const rowsOf = ({ comparisons }: Paper): ComparisonRow[] => comparisons.flatMap(({ rows }) => rows);

/** How each paper's numbers are divided among the verdicts. */
function sharesChart(papers: readonly Paper[]): ReportChart {
  const values = papers.flatMap((paper) => {
    const rows = rowsOf(paper);
    const counts = countVerdicts(rows);
    return VERDICTS.map((verdict, order) => ({
      ...{ paper: `${paper.name} (${rows.length})`, verdict, order },
      share: (100 * counts[verdict]) / rows.length,
    }));
  });
  const said = papers.map((paper) => {
    const counts = countVerdicts(rowsOf(paper));
    return `${paper.name} ${VERDICTS.map((verdict) => `${counts[verdict]} ${verdict}`).join(", ")}`;
  });
  return {
    caption: "How each paper's quantities (their number in brackets) are divided among the verdicts.",
    text: `Stacked bars of the share of each verdict, by paper: ${said.join("; ")}.`,
    spec: {
      width: 520,
      height: { step: 24 },
      data: { values },
      mark: { type: "bar", height: 16 },
      encoding: {
        y: {
          field: "paper",
          type: "nominal",
          sort: null,
          title: null,
          axis: { ticks: false, domain: false, grid: false },
        },
        x: {
          field: "share",
          type: "quantitative",
          stack: "zero",
          title: "share of the paper's quantities (%)",
          scale: { domain: [0, 100] },
        },
        color: verdictColor(VERDICTS),
        order: { field: "order", type: "quantitative" },
      },
    },
  };
}

/** How far each number is off, in tolerances; none where no row has both numbers and a tolerance above 0. Says how many have none. */
function distancesChart(papers: readonly Paper[]): ReportChart | undefined {
  const tested = papers.flatMap((paper) =>
    rowsOf(paper).flatMap(({ difference, tolerance, verdict }) =>
      verdict === "agrees" || verdict === "differs"
        ? [{ paper: paper.name, verdict, distance: tolerance === 0 ? NaN : (difference ?? NaN) / (tolerance ?? NaN) }]
        : [],
    ),
  );
  const values = tested.filter(({ distance }) => Number.isFinite(distance));
  if (values.length === 0) return undefined;
  const other = tested.filter(({ distance }) => !Number.isFinite(distance));
  const agreeing = other.filter(({ verdict }) => verdict === "agrees").length;
  const left =
    other.length === 0
      ? ""
      : ` Not drawn: ${other.length} whose tolerance is 0, of which ${agreeing} ${agreeing === 1 ? "agrees" : "agree"} and ${other.length - agreeing} ${other.length - agreeing === 1 ? "differs" : "differ"}.`;
  const within = values.filter(({ distance }) => Math.abs(distance) <= 1).length;
  const y = {
    field: "paper",
    type: "nominal",
    sort: null,
    title: null,
    axis: { ticks: false, domain: false, grid: false },
  };
  const x = {
    ...{
      field: "distance",
      type: "quantitative",
      title: "reproduced minus published (tolerances; logarithmic beyond 1)",
    },
    scale: { type: "symlog", constant: 1 },
    axis: { values: [-1000, -100, -10, -3, -1, 0, 1, 3, 10, 100, 1000], format: ",d" },
  };
  return {
    caption:
      "How far each tested number is off: a stroke a number, in units of its tolerance. Between the dashed lines it is within the tolerance; a bound may be kept outside of them." +
      left,
    text: `Strokes along an axis from too low to too high, by paper: ${within} of ${values.length} tested numbers are within their tolerance.${left}`,
    spec: {
      width: 520,
      height: { step: 30 },
      data: { values },
      layer: [
        {
          data: { values: [{ distance: -1 }, { distance: 1 }] },
          mark: { type: "rule", color: INK, strokeDash: [4, 3], opacity: 0.6 },
          encoding: { x },
        },
        {
          mark: { type: "tick", thickness: 1.5, height: 20, opacity: 0.65 },
          encoding: { x, y, color: verdictColor(["agrees", "differs"]) },
        },
      ],
    },
  };
}

function verdictColor(verdicts: readonly Verdict[]): object {
  const range = verdicts.map((verdict) => COLORS[verdict]);
  return {
    ...{ field: "verdict", type: "nominal", scale: { domain: verdicts, range } },
    legend: { title: "verdict", symbolType: "square", symbolOpacity: 1 },
  };
}
