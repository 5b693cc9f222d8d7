import type { Database } from "./database.ts";

/**
 * What is known of a program or library that executes in an address space.
 *
 * @example
 * ```ts
 * import type { Module } from "veelab/patch-audit";
 * const isUnpatched = ({ unpatchedNs }: Module): boolean => !Number.isNaN(unpatchedNs);
 * console.log(typeof isUnpatched);
 * ```
 */
export interface Module {
  /** Its place in the list of modules. */
  readonly place: number;
  /** The address space. */
  readonly space: number;
  /** When its first page was executed, ns. */
  readonly firstNs: number;
  /** When a page of it last made the hypervisor look, ns. */
  lastNs: number;
  /** Pages of it that were identified. */
  pages: number;
  /** Binaries that it may be, as places in the database; the real one is among them. */
  binaries: readonly number[];
  /** The virtual page at which each would begin. */
  bases: readonly number[];
  /** Whether all candidates are outdated, and since when, ns; NaN when not. */
  unpatchedNs: number;
  /** Since when there is one candidate, ns; NaN when there are several. */
  identifiedNs: number;
}

/**
 * Candidate sets of address spaces: identification of binaries from executed pages alone, in any order, without having
 * seen them loaded. A page with several postings gives a set of (binary, base) pairs; a further page that lies in the same
 * mapping narrows it.
 *
 * A page surely lies in a module's mapping when each of its candidates covers the page's address, since one of them is real. Only then is the
 * set narrowed, so that the real binary stays in it as long as the database is complete and no mapping takes the place of another. A page that
 * some candidates cover and others do not begins a module of its own; two modules that turn out the same stay two rows.
 */
export class Candidates {
  readonly modules: Module[] = [];
  readonly #database: Database;
  readonly #bySpace = new Map<number, Module[]>();

  constructor(database: Database) {
    this.#database = database;
  }

  /** The modules of an address space. */
  of(space: number): readonly Module[] {
    return this.#bySpace.get(space) ?? [];
  }

  /** An executed page: gives its module's place in `modules`. Linear in the space's modules and the page's postings. */
  observe(space: number, virtualPage: number, pageId: number, timeNs: number): number {
    let modules = this.#bySpace.get(space);
    if (modules === undefined) this.#bySpace.set(space, (modules = []));
    for (const module of modules) {
      if (!this.#covers(module, virtualPage)) continue;
      if (!this.#narrow(module, virtualPage, pageId)) continue;
      module.lastNs = timeNs;
      module.pages += 1;
      this.#judge(module, timeNs);
      return module.place;
    }
    const { firstPosting, postingBinary, postingPage } = this.#database;
    const binaries: number[] = [];
    const bases: number[] = [];
    for (let at = firstPosting[pageId]!; at < firstPosting[pageId + 1]!; at += 1) {
      binaries.push(postingBinary[at]!);
      bases.push(virtualPage - postingPage[at]!);
    }
    const module: Module = {
      place: this.modules.length,
      ...{ space, firstNs: timeNs, lastNs: timeNs, pages: 1, binaries, bases, unpatchedNs: NaN, identifiedNs: NaN },
    };
    this.#judge(module, timeNs);
    modules.push(module);
    this.modules.push(module);
    return module.place;
  }

  #covers({ binaries, bases }: Module, virtualPage: number): boolean {
    for (let at = 0; at < binaries.length; at += 1) {
      const { firstPage, lastPage } = this.#database.binaries[binaries[at]!]!;
      const page = virtualPage - bases[at]!;
      if (page < firstPage || page > lastPage) return false;
    }
    return true;
  }

  /** Keeps the candidates that have this page at this place; false, and nothing changed, if none has. */
  #narrow(module: Module, virtualPage: number, pageId: number): boolean {
    const { firstPosting, postingBinary, postingPage } = this.#database;
    const { binaries, bases } = module;
    const has = (at: number): boolean => {
      const page = virtualPage - bases[at]!;
      for (let posting = firstPosting[pageId]!; posting < firstPosting[pageId + 1]!; posting += 1)
        if (postingBinary[posting] === binaries[at] && postingPage[posting] === page) return true;
      return false;
    };
    if (binaries.length === 1) return has(0);
    const kept = binaries.map((_, at) => at).filter(has);
    if (kept.length === 0) return false;
    module.binaries = kept.map((at) => binaries[at]!);
    module.bases = kept.map((at) => bases[at]!);
    return true;
  }

  #judge(module: Module, timeNs: number): void {
    const { binaries } = module;
    if (Number.isNaN(module.identifiedNs) && binaries.length === 1) module.identifiedNs = timeNs;
    if (!Number.isNaN(module.unpatchedNs)) return;
    for (const binary of binaries) if (!this.#database.binaries[binary]!.outdated) return;
    module.unpatchedNs = timeNs;
  }
}
