import type { CellContext } from "../context.ts";
import { formatDuration } from "./format-duration.ts";

interface Started {
  readonly atMs: number;
  readonly usage: NodeJS.CpuUsage;
}

/** The clocks of `%time`, one within the other. */
export class Timers {
  readonly #started: WeakMap<CellContext, Started[]> = new WeakMap<CellContext, Started[]>();

  start(cell: CellContext): void {
    const started = this.#started.get(cell) ?? [];
    this.#started.set(cell, started);
    started.push({ usage: process.cpuUsage(), atMs: performance.now() });
  }

  /** Stops the clock that was started last, and gives what it says. */
  stop(cell: CellContext): string {
    const wallS = performance.now() / 1000;
    const { atMs, usage } = this.#started.get(cell)?.pop() ?? { atMs: performance.now(), usage: process.cpuUsage() };
    const { user, system } = process.cpuUsage(usage);
    const [inUser, inSystem, total] = [user, system, user + system].map((us) => formatDuration(us / 1e6));
    const wall = formatDuration(wallS - atMs / 1000);
    return `CPU times: user ${inUser}, sys: ${inSystem}, total: ${total}\nWall time: ${wall}\n`;
  }
}
