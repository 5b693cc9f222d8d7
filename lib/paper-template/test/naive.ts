import { eventQueue } from "../../core/events.ts";
import type { ExitBatch } from "../index.ts";

/**
 * The same queue once more, as events of arrivals and of ends: another way to the same waits, to find what the recursion gets wrong.
 * Gives the wait of each exit, s.
 */
export function naiveWaits(exits: ExitBatch, serviceS: readonly number[]): readonly number[] {
  const events = eventQueue<"arrival" | "end">();
  for (const at of exits.timeS) events.schedule(at, "arrival");
  const waiting: number[] = [];
  const waits: number[] = [];
  let arrived = 0;
  let busy = false;
  for (let event = events.next(); event !== undefined; event = events.next()) {
    if (event === "arrival") waiting.push(arrived++);
    else busy = false;
    const exit = busy ? undefined : waiting.shift();
    if (exit === undefined) continue;
    busy = true;
    waits.push(events.now - exits.timeS[exit]!);
    events.schedule(events.now + serviceS[exits.cause[exit]!]!, "end");
  }
  return waits;
}
