import type { AuditCosts, Database, EventBatch } from "../index.ts";

/** One page as the plain implementation keeps it. */
interface Page {
  state: "unidentified" | "executable" | "dirty";
  resting: boolean;
}

/**
 * The page states and the identification again, as plainly as can be: maps of strings, sweeps at a refresh, and candidate sets that are
 * sets of texts. Nothing of the library's own but its types.
 */
export function naiveAudit(
  batches: Iterable<EventBatch>,
  database: Database,
  costs: AuditCosts,
  refreshS?: number,
): {
  execFaults: number;
  unknownFaults: number;
  writeFaults: number;
  refreshFaults: number;
  overheadPct: number;
  /** A line a module: its candidates, in order. */
  modules: string[];
} {
  const periodNs = (refreshS ?? Infinity) * 1e9;
  const postings = new Map<string, string[]>();
  for (let id = 0; id < database.distinctPages; id += 1) {
    const key = `${database.hashHigh[id]}:${database.hashLow[id]}`;
    const list: string[] = [];
    for (let at = database.firstPosting[id]!; at < database.firstPosting[id + 1]!; at += 1)
      list.push(`${database.postingBinary[at]}@${database.postingPage[at]}`);
    postings.set(key, list);
  }
  const pages = new Map<number, Page>();
  const spaces = new Map<number, Set<string>[]>();
  const counts = { execFaults: 0, unknownFaults: 0, writeFaults: 0, refreshFaults: 0 };
  let [first, last, next] = [NaN, NaN, Infinity];
  for (const { timeNs, kind, space, page, virtualPage, hash } of batches)
    for (const [row, now] of timeNs.entries()) {
      if (Number.isNaN(first)) [first, next] = [now, now + periodNs];
      last = now;
      for (; now >= next; next += periodNs) for (const known of pages.values()) known.resting = true;
      const known = pages.get(page[row]!) ?? { state: "unidentified", resting: false };
      pages.set(page[row]!, known);
      if (kind[row] === 1 && known.state === "executable") {
        counts.writeFaults += 1;
        known.state = "dirty";
      } else if (kind[row] === 0) {
        if (known.state === "executable") {
          if (known.resting) counts.refreshFaults += 1;
        } else {
          counts.execFaults += 1;
          const found = postings.get(`${hash[2 * row + 1]}:${hash[2 * row]}`);
          if (found === undefined) counts.unknownFaults += 1;
          else identify(spaces, space[row]!, virtualPage[row]!, found, database);
        }
        known.state = "executable";
        known.resting = false;
      }
    }
  const { execFaults, writeFaults, refreshFaults } = counts;
  const { exitUs, hashUs, lookupUs, rehashUs } = costs;
  const us = execFaults * (exitUs + hashUs + lookupUs) + writeFaults * exitUs + refreshFaults * (exitUs + rehashUs);
  return {
    ...counts,
    overheadPct: (100 * us * 1e-6) / ((last - first) * 1e-9),
    modules: [...spaces].flatMap(([space, sets]) => sets.map((set) => `${space}: ${[...set].sort().join(" ")}`)).sort(),
  };
}

function identify(
  spaces: Map<number, Set<string>[]>,
  space: number,
  virtualPage: number,
  found: readonly string[],
  { binaries }: Database,
): void {
  const here = new Set(
    found.map((posting) => {
      const [binary, place] = posting.split("@").map(Number) as [number, number];
      return `${binary}@${virtualPage - place}`;
    }),
  );
  const modules = spaces.get(space) ?? [];
  spaces.set(space, modules);
  for (const [at, candidates] of modules.entries()) {
    const covering = [...candidates].every((candidate) => {
      const [binary, base] = candidate.split("@").map(Number) as [number, number];
      const { firstPage, lastPage } = binaries[binary]!;
      return virtualPage >= base + firstPage && virtualPage <= base + lastPage;
    });
    const common = new Set([...candidates].filter((candidate) => here.has(candidate)));
    if (!covering || common.size === 0) continue;
    modules[at] = common;
    return;
  }
  modules.push(here);
}
