import { hex, lastAtOrBelow } from "./decode.ts";
import { type CachedBlock, letsGo } from "./instrument.ts";
import type { Pic } from "./pic-file.ts";
import type { Block, Program } from "./program.ts";

/**
 * A critical section: what follows a call of a function that locks.
 *
 * @example
 * ```ts
 * import type { Section } from "veelab/hybrid-rewriting";
 * const section: Section = { call: 0x401000, entry: 0x401005 };
 * console.log(section.entry - section.call);
 * ```
 */
export interface Section {
  /** Link-time address of the call. */
  readonly call: number;
  /** Link-time address of what follows it. */
  readonly entry: number;
}

/** Bytes of the jump that leads into the cache. */
export const patchBytes = 5;

/** The sections of a program: the blocks that end in a direct call of a function that locks. */
export function sectionsOf(program: Program, locks: ReadonlySet<number>): readonly Section[] {
  const sections = new Map<number, Section>();
  for (const { end, exits, accesses } of program.blocks) {
    const [call, next] = exits;
    if (call?.kind !== "call" || !locks.has(call.target!) || next?.target === undefined) continue;
    // A call's access is what it pushes; blocks that overlap end in the same one.
    sections.set(end, { call: accesses.at(-1)!.pc, entry: next.target });
  }
  return [...sections.values()].sort((a, b) => a.call - b.call);
}

/**
 * Why a section cannot run from the cache with every shared access counted; undefined where it can.
 *
 * The jump at its entry must fit the first block and nothing else may lead to where it is; its function may not compute where
 * it jumps to, as that could be there, too. What is reached in the cache must stay in it until the mutex is let go in the
 * same function: no other mutex, nothing called or jumped to by a register, no return.
 */
export function whyNot(
  program: Program,
  pic: Pic,
  section: Section,
  locks: ReadonlySet<number>,
  unlocks: ReadonlySet<number>,
): string | undefined {
  const { entry } = section;
  const first = pic.blocks.get(entry);
  if (first === undefined) return "no active run has seen it";
  if (first.end - first.start < patchBytes) return `its first block has fewer than ${patchBytes} bytes`;
  const inside = reachable(program, pic, entry, locks, unlocks);
  if (typeof inside === "string") return inside;
  const home = lastAtOrBelow(program.functions, entry);
  if (home === undefined || entry >= home.end) return "it is in no function that has a symbol";
  for (const block of program.blocks) {
    const ours = inside.has(block.start);
    for (const { kind, target } of block.exits) {
      if (kind === "indirect-jump" && block.start >= home.start && block.start < home.end)
        return `${home.name} jumps where a register says, which could be into the patch`;
      if (target === undefined || target < entry || target >= entry + patchBytes) continue;
      if (target > entry) return `${hex(target)}, inside of the patch, is jumped to`;
      if (block.end !== entry && !ours) return `it is also entered from ${hex(block.start)}, without its mutex`;
      if (block.end === entry && kind !== "next") return `it is also entered by a jump right before it`;
    }
  }
  return undefined;
}

/** The cached blocks that a section reaches, or why it leaves the cache in a way that cannot be followed. */
function reachable(
  program: Program,
  pic: Pic,
  entry: number,
  locks: ReadonlySet<number>,
  unlocks: ReadonlySet<number>,
): ReadonlySet<number> | string {
  const originals = new Map(program.blocks.map((block) => [block.start, block]));
  const seen = new Set<string>();
  const starts = new Set<number>();
  const waiting: { start: number; called: boolean }[] = [{ start: entry, called: false }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { start, called } = next;
    const cached = pic.blocks.get(start);
    // What is not in the cache runs as it was, and is counted as a miss: to the section's end, unless it returns to cached code.
    const block: CachedBlock | Block | undefined = cached ?? (called ? originals.get(start) : undefined);
    if (block === undefined || seen.has(`${start} ${called}`)) continue;
    seen.add(`${start} ${called}`);
    if (cached !== undefined) starts.add(start);
    for (const { kind, target } of block.exits) {
      const where = `at ${hex(block.start)}`;
      if (kind === "indirect-jump" || kind === "indirect-call") return `the block ${where} goes where a register says`;
      if (kind === "return" && !called) return `the block ${where} returns with the mutex held`;
      if (called && (kind === "leave" || letsGo(block, unlocks)))
        return `a function that it calls lets the mutex go, ${where}`;
      if (kind === "call" && locks.has(target!)) return `the block ${where} takes another mutex`;
      if (target === undefined || kind === "leave") continue;
      waiting.push({ start: target, called: called || kind === "call" });
    }
  }
  return starts;
}
