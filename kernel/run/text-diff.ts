/** How two texts differ, line by line. */
type Step = { readonly mark: " " | "-" | "+"; readonly line: string };

/** Longer edit scripts are not searched for: the differing middle is then shown as removed and added whole. */
const MAX_EDITS = 500;
const CONTEXT = 2;

/**
 * A unified difference of two texts, without file headers: hunks of removed (`-`) and added (`+`) lines with two lines
 * around them. Long lines are cut to what differs, and after `maxLines` lines the rest is counted. Empty when the texts
 * are equal. O((n + m) d) for d differing lines (Myers, "An O(ND) difference algorithm and its variations", 1986).
 */
export function unifiedDiff(before: string, after: string, maxLines = 40): string[] {
  if (before === after) return [];
  const steps = clipPairs(edits(before.split("\n"), after.split("\n")));
  const shown = hunks(steps);
  return shown.length <= maxLines
    ? shown
    : [...shown.slice(0, maxLines), `… and ${shown.length - maxLines} lines more`];
}

function edits(a: readonly string[], b: readonly string[]): Step[] {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const same = (line: string): Step => ({ mark: " ", line });
  return [
    ...a.slice(0, start).map(same),
    ...shortest(a.slice(start, a.length - end), b.slice(start, b.length - end)),
    ...a.slice(a.length - end).map(same),
  ];
}

/** Myers' greedy search: `furthest[k]` is the furthest x on diagonal k = x - y; the trace of each round is kept. */
function shortest(a: readonly string[], b: readonly string[]): Step[] {
  const trace: Map<number, number>[] = [];
  let furthest = new Map<number, number>([[1, 0]]);
  for (let d = 0; d <= Math.min(a.length + b.length, MAX_EDITS); d += 1) {
    trace.push(furthest);
    furthest = new Map(furthest);
    for (let k = -d; k <= d; k += 2) {
      let x = downwards(furthest, k, d) ? furthest.get(k + 1)! : furthest.get(k - 1)! + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      furthest.set(k, x);
      if (x >= a.length && x - k >= b.length) return backtrack(a, b, trace);
    }
  }
  return [...a.map((line): Step => ({ mark: "-", line })), ...b.map((line): Step => ({ mark: "+", line }))];
}

function downwards(furthest: ReadonlyMap<number, number>, k: number, d: number): boolean {
  return k === -d || (k !== d && furthest.get(k - 1)! < furthest.get(k + 1)!);
}

function backtrack(a: readonly string[], b: readonly string[], trace: readonly ReadonlyMap<number, number>[]): Step[] {
  const steps: Step[] = [];
  let x = a.length;
  let y = b.length;
  for (let d = trace.length - 1; d >= 0; d -= 1) {
    const furthest = trace[d]!;
    const k = x - y;
    const previousK = downwards(furthest, k, d) ? k + 1 : k - 1;
    const previousX = d === 0 ? 0 : furthest.get(previousK)!;
    const previousY = d === 0 ? 0 : previousX - previousK;
    while (x > previousX && y > previousY) {
      x -= 1;
      y -= 1;
      steps.push({ mark: " ", line: a[x]! });
    }
    if (d === 0) break;
    if (x === previousX) steps.push({ mark: "+", line: b[(y -= 1)]! });
    else steps.push({ mark: "-", line: a[(x -= 1)]! });
  }
  return steps.reverse();
}

function hunks(steps: readonly Step[]): string[] {
  const near = steps.map((_, index) =>
    steps.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some((step) => step.mark !== " "),
  );
  const lines: string[] = [];
  let old = 1;
  let now = 1;
  steps.forEach((step, index) => {
    if (near[index] === true) {
      if (near[index - 1] !== true) lines.push(`@@ -${old} +${now} @@`);
      lines.push(step.mark + step.line);
    }
    if (step.mark !== "+") old += 1;
    if (step.mark !== "-") now += 1;
  });
  return lines;
}

const WIDTH = 160;

function clip(line: string, from: number): string {
  const start = from < WIDTH - 40 ? 0 : from - 40;
  const cut = line.slice(start, start + WIDTH);
  return `${start > 0 ? "…" : ""}${cut}${start + WIDTH < line.length ? "…" : ""}`;
}

/** Cuts long lines, a removed line and the added line in its place to the neighbourhood of their first difference. */
function clipPairs(steps: readonly Step[]): Step[] {
  const clipped = steps.map(({ mark, line }) => ({ mark, line: clip(line, 0) }));
  for (let i = 0; i < steps.length;) {
    let end = i;
    while (end < steps.length && steps[end]!.mark !== " ") end += 1;
    const places = (mark: "-" | "+"): number[] =>
      Array.from({ length: end - i }, (_, offset) => i + offset).filter((place) => steps[place]!.mark === mark);
    const added = places("+");
    places("-").forEach((place, nth) => {
      const other = added[nth];
      if (other === undefined) return;
      const from = firstDifference(steps[place]!.line, steps[other]!.line);
      clipped[place] = { mark: "-", line: clip(steps[place]!.line, from) };
      clipped[other] = { mark: "+", line: clip(steps[other]!.line, from) };
    });
    i = Math.max(end, i + 1);
  }
  return clipped;
}

function firstDifference(a: string, b: string): number {
  let at = 0;
  while (at < a.length && a[at] === b[at]) at += 1;
  return at;
}
