import { reason } from "../../run/input-error.ts";
import { describeExit, type Exit } from "../../run/kernel-process.ts";

/** So many deaths within a minute, and no cell that ended well in between, and the kernel is not started again. */
const mostDeaths = 5;
const withinMs = 60_000;

/** When a kernel died of late. */
export class Deaths {
  #times: number[] = [];

  /** One more; true when that is too often to start it again. */
  add(): boolean {
    const now = Date.now();
    this.#times = [...this.#times.filter((at) => now - at < withinMs), now];
    return this.#times.length >= mostDeaths;
  }

  /** A cell ended well, or somebody has restarted the kernel. */
  forget(): void {
    this.#times = [];
  }

  get any(): boolean {
    return this.#times.length > 0;
  }
}

/** What is said of a kernel that died: whether it had answered before, and whether it is not started again. */
export function deathSentence(exit: Exit, answered: boolean, final: boolean): string {
  const what = `The kernel ${describeExit(exit)}`;
  if (!answered) {
    const lines = exit.stderr.trim().split("\n").slice(-5).join("\n");
    return `${what} at its start${lines === "" ? "." : `:\n${lines}`}`;
  }
  return final
    ? `${what}, for the ${mostDeaths}th time within a minute. It was not started again; restart it to go on.`
    : `${what}. It was started again; its variables are lost.`;
}

/** What is said of a kernel whose command cannot be started. */
export function cannotStart(error: unknown): string {
  return `The kernel cannot be started: ${reason(error)}.`;
}
