import { escapeHtml } from "./html.ts";
import type { MimeBundle } from "./publisher.ts";

/** How far something is. */
export interface ProgressState {
  readonly done: number;
  /** Null where nobody knows how much there is. */
  readonly total: number | null;
  /** What is being done; may be empty. */
  readonly label: string;
  /** What is being done now; may be empty. */
  readonly note: string;
  readonly seconds: number;
}

const WIDTH = 20;
// The text of a display is one line in any front end.
const LONGEST_NOTE = 120;

/** A bar with the count, the current item, the time that has passed and what may be left. */
export function progressBundle(state: ProgressState): MimeBundle {
  const { done, total, label } = state;
  const line = state.note.replace(/\s+/g, " ");
  const note = line.length > LONGEST_NOTE ? `${line.slice(0, LONGEST_NOTE - 1)}…` : line;
  const count = counted(state);
  const times = [clock(state.seconds), remaining(state)].filter((part) => part !== "").join(", ");
  const full = total === null || total === 0 ? 0 : Math.floor((WIDTH * Math.min(done, total)) / total);
  const bar = total === null ? "" : `[${"#".repeat(full)}${"-".repeat(WIDTH - full)}]`;
  const text = [label, bar, count, times, note].filter((part) => part !== "").join("  ");
  const value = total === null ? "" : ` max="${total}" value="${Math.min(done, total)}"`;
  const spoken = [label, count].filter((part) => part !== "").join(": ");
  return {
    "text/plain": text,
    "text/html": [
      `<div style="display:flex;flex-wrap:wrap;align-items:center;column-gap:.8em;font-variant-numeric:tabular-nums">`,
      ...(label === "" ? [] : [`<span>${escapeHtml(label)}</span>`]),
      `<progress${value} style="width:16em" aria-label="${escapeHtml(spoken)}"></progress>`,
      `<span>${count}</span><span>${times}</span>`,
      ...(note === "" ? [] : [`<span style="opacity:.75">${escapeHtml(note)}</span>`]),
      `</div>`,
    ].join(""),
  };
}

/** What stays of a bar whose cell ended before it. */
export function stoppedBundle(state: ProgressState): MimeBundle {
  return { "text/plain": `${state.label === "" ? "" : `${state.label}: `}stopped after ${counted(state)}` };
}

/** Seconds as a clock shows them: `0:07`, `12:30`, `1:00:05`. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}`;
}

function counted({ done, total }: ProgressState): string {
  return total === null ? `${rounded(done)} done` : `${rounded(done)} of ${rounded(total)}`;
}

/** Steps may be parts of a whole: 0.1 + 0.2 is shown as 0.3. */
function rounded(steps: number): number {
  return Number(steps.toFixed(3));
}

/** The mean time of what is done, for what is left. */
function remaining({ done, total, seconds }: ProgressState): string {
  if (total === null || done === 0 || done >= total) return "";
  return `about ${clock(Math.ceil((seconds / done) * (total - done)))} left`;
}
