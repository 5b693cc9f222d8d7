import type { Table } from "apache-arrow";
import { fromRows } from "../core/table.ts";

/** Why a transaction is aborted: another wrote what it has accessed, or only what shares an ownership record with it; its lock was taken. */
export type AbortCause = "data" | "false" | "lock";

/** What the profiler notes of a critical section, told by the call that enters it. */
export class SectionProfile {
  readonly pc: number;
  readonly lock: number;
  count = 0;
  cycles = 0;
  transactions = 0;
  readSetSum = 0;
  readSetMost = 0;
  writeSetSum = 0;
  writeSetMost = 0;
  lockConflicts = 0;
  dataAborts = 0;
  falseAborts = 0;
  lockAborts = 0;
  misses = 0;

  constructor(pc: number, lock: number) {
    this.pc = pc;
    this.lock = lock;
  }
}

interface Conflict {
  readonly address: number;
  readonly section: number;
  readonly writer: number;
  readonly cause: AbortCause;
  count: number;
}

/** The transactional profiler: critical sections, and the pairs of them that conflict, with the address. */
export class Profiler {
  readonly sections: SectionProfile[] = [];
  readonly #conflicts = new Map<string, Conflict>();

  /** Notes that a section was aborted by what another has written; `address` is the granule's. */
  conflict(address: number, section: number, writer: number, cause: AbortCause): void {
    const key = `${address} ${section} ${writer} ${cause}`;
    const known = this.#conflicts.get(key);
    if (known !== undefined) known.count++;
    else {
      const pcOf = (index: number): number => this.sections[index]!.pc;
      this.#conflicts.set(key, { address, section: pcOf(section), writer: pcOf(writer), cause, count: 1 });
    }
  }

  /** A row a critical section, in order of its first entry. */
  sectionTable(): Table {
    return fromRows(
      this.sections.map((section) => ({
        section: section.pc,
        lock: section.lock,
        count: section.count,
        cycles: section.cycles,
        transactions: section.transactions,
        meanReadSet: section.transactions === 0 ? null : section.readSetSum / section.transactions,
        mostReadSet: section.readSetMost,
        meanWriteSet: section.transactions === 0 ? null : section.writeSetSum / section.transactions,
        mostWriteSet: section.writeSetMost,
        lockConflicts: section.lockConflicts,
        dataAborts: section.dataAborts,
        falseAborts: section.falseAborts,
        lockAborts: section.lockAborts,
        misses: section.misses,
      })),
    );
  }

  /** A row a pair of sections and an address, the most frequent first. */
  conflictTable(): Table {
    const rows = [...this.#conflicts.values()].sort((a, b) => b.count - a.count || a.address - b.address);
    return fromRows(rows.map((row) => ({ ...row })));
  }
}
