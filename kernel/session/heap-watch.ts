import { collectExpression } from "./collect-garbage.ts";
import type { MainSession } from "./main-session.ts";

/** From this share of V8's limit on the heap counts as full. */
const fullShare = 0.8;
/** A cell is looked at for the first time after so long (ms), most have ended by then; where little is left, after so long. */
const [firstMs, soonMs] = [50, 5];
/** Pauses between two looks (ms) by the share of the heap that is used. */
const pauses: readonly { readonly from: number; readonly ms: number }[] = [
  { from: 0.7, ms: 5 },
  { from: 0.5, ms: 20 },
  { from: 0, ms: 200 },
];

/** Watches the heap of the thread of user code while a cell runs. */
export interface HeapWatch {
  /** A cell begins. */
  begin(): void;
  /** It has ended. */
  end(): void;
}

/** What a watch needs of the kernel around it. */
export interface HeapWatchParts {
  /** How much V8 gives to the heap of that thread, bytes. */
  readonly limit: number;
  readonly session: Pick<MainSession, "post">;
  /** The heap is full of what is in use, bytes: the cell must end before V8 ends the process. */
  readonly full: (used: number) => void;
}

/**
 * Makes a watch. Where much of the heap is used, it has V8 collect the garbage first, which counts as used until then. Where a
 * cell was stopped, half of what is left is for the cells after it, which may let go of something.
 */
export function createHeapWatch({ limit, session, full }: HeapWatchParts): HeapWatch {
  let timer: NodeJS.Timeout | undefined;
  let turn = 0;
  /** What was in use when a cell was stopped last, as long as there is no more room again. */
  let kept = 0;
  /** Above so much in use the garbage is collected again: half of what the last collection has left free is filled. */
  let collectAbove = 0;

  const usedNow = async (): Promise<number> => {
    const usage = (await session.post("Runtime.getHeapUsage")) as { readonly usedSize: number } | undefined;
    return usage?.usedSize ?? 0;
  };
  const look = async (of: number): Promise<void> => {
    let used = await usedNow();
    if (of !== turn) return;
    if (kept > 0 && used < fullShare * limit) kept = collectAbove = 0;
    const most = Math.max(fullShare * limit, (kept + limit) / 2);
    if (used > Math.max(most, collectAbove)) {
      await session.post("Runtime.evaluate", { expression: collectExpression, silent: true });
      used = await usedNow();
      if (of !== turn) return;
      if (used > most) {
        kept = used;
        full(used);
        return;
      }
      collectAbove = (used + limit) / 2;
    }
    later(pauses.find(({ from }) => used >= from * limit)!.ms);
  };
  const later = (pauseMs: number): void => {
    timer = setTimeout(() => void look(turn), pauseMs);
  };

  return {
    begin() {
      turn += 1;
      later(kept > 0 ? soonMs : firstMs);
    },
    end() {
      turn += 1;
      clearTimeout(timer);
    },
  };
}

/** What a cell is told that was stopped for the sake of its kernel. */
export function outOfMemory(used: number, limit: number): { ename: string; evalue: string; traceback: string[] } {
  const [usedMb, limitMb] = [used, limit].map((bytes) => Math.round(bytes / 2 ** 20));
  const evalue =
    `the cell was stopped before the kernel ran out of memory: ${usedMb} of at most ${limitMb} MiB are in use. All variables are ` +
    "kept; let go of large ones, or start with more: NODE_OPTIONS=--max-old-space-size=8192 (MiB) in the environment";
  return { ename: "OutOfMemory", evalue, traceback: [`\x1b[31mOutOfMemory\x1b[39m: ${evalue}`] };
}
