import type { Table } from "apache-arrow";
import { fromRows } from "../core/table.ts";
import type { Module } from "./candidates.ts";
import type { Binary, Database } from "./database.ts";
import type { FileUse } from "./uses.ts";

/** What the candidates of a module say of it. */
export type AuditVerdict = "unpatched" | "up to date" | "ambiguous";

/**
 * Whether a module is unpatched: it is when all of its candidates are, and when some are it is not known.
 *
 * @example
 * ```ts
 * import { database, verdictOf } from "veelab/patch-audit";
 * const old = { package: "a", version: "1", release: "old", file: "a.so", addressPages: [1], hashes: [5n] } as const;
 * console.log(verdictOf([0], database([old]))); // unpatched
 * ```
 */
export function verdictOf(candidates: readonly number[], { binaries }: Database): AuditVerdict {
  const outdated = candidates.filter((binary) => binaries[binary]!.outdated).length;
  return outdated === 0 ? "up to date" : outdated === candidates.length ? "unpatched" : "ambiguous";
}

const orNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

/** A row a module. */
export function findingsTable(modules: readonly Module[], database: Database): Table {
  return fromRows(
    modules.map((module) => {
      const common = (name: "package" | "version" | "file"): string | null => {
        const values = new Set(module.binaries.map((binary): Binary[typeof name] => database.binaries[binary]![name]));
        return values.size === 1 ? [...values][0]! : null;
      };
      return {
        space: module.space,
        verdict: verdictOf(module.binaries, database),
        package: common("package"),
        version: common("version"),
        file: common("file"),
        candidates: module.binaries.length,
        pages: module.pages,
        firstNs: module.firstNs,
        lastNs: module.lastNs,
        identifiedNs: orNull(module.identifiedNs),
        unpatchedNs: orNull(module.unpatchedNs),
      };
    }),
  );
}

/** A row a file and address space. */
export function usesTable(uses: readonly FileUse[], { files }: Database): Table {
  return fromRows(
    uses.map(({ space, file, vulnerable, reads, copies, firstNs }) => {
      const { package: of, version, file: path } = files[file]!;
      return { space, package: of, version, file: path, vulnerable, reads, copies, firstNs };
    }),
  );
}
