import type { WriteStream } from "node:tty";

import type { Progress } from "./run-notebook.ts";

/** Shows how far a run is. */
export interface ProgressLine {
  update(progress: Progress): void;
  /** Takes the line away, so that other text can be written. */
  end(): void;
}

/**
 * On a terminal one line that is drawn over: a bar, cells done, time, and the running cell's first line. Elsewhere (a
 * log) a line for each cell when it starts.
 */
export function createProgressLine(name: string, stream: NodeJS.WriteStream | WriteStream): ProgressLine {
  const start = performance.now();
  const seconds = (): number => (performance.now() - start) / 1000;
  if (!stream.isTTY) {
    return {
      update({ done, count, cell, line }) {
        if (done < count) stream.write(`${name}  ${done + 1}/${count}  ${clock(seconds())}  cell ${cell}: ${line}\n`);
      },
      end: () => undefined,
    };
  }
  let last: Progress | undefined;
  const draw = (): void => {
    if (last !== undefined) stream.write(`\r\x1b[2K${progressBar(name, last, seconds(), stream.columns)}`);
  };
  const timer = setInterval(draw, 250);
  timer.unref();
  return {
    update(progress) {
      last = progress;
      draw();
    },
    end() {
      clearInterval(timer);
      stream.write("\r\x1b[2K");
    },
  };
}

const BAR = 20;

/** One line of at most `columns` characters: `a.ipynb [########------------] 12/40 0:31 const t = sweep(…`. */
export function progressBar(name: string, { done, count, line }: Progress, seconds: number, columns: number): string {
  const full = count === 0 ? BAR : Math.floor((BAR * done) / count);
  const bar = `[${"#".repeat(full)}${"-".repeat(BAR - full)}]`;
  // The last column stays free: writing to it would wrap the line on some terminals.
  return `${name} ${bar} ${done}/${count} ${clock(seconds)} ${line}`.slice(0, Math.max(20, columns - 1));
}

/** Seconds as minutes and seconds: `1:05`. */
export function clock(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
}
