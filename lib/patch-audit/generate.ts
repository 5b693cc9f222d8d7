import { SimulationError } from "../core/errors.ts";
import { fraction, integer, onlyOptions, positive } from "../core/options.ts";
import { random, type RandomStream } from "../core/random.ts";
import { type CodeLists, codeLists } from "./code-lists.ts";
import type { Database } from "./database.ts";
import { type EventBatch, eventKinds, none } from "./events.ts";

/**
 * What {@link generateEvents} makes; all numbers but the seed have a default.
 *
 * @example
 * ```ts
 * import type { GenerateOptions } from "veelab/patch-audit";
 * const busy: GenerateOptions = { seed: 7, spaces: 100, eventsPerS: 1e6, writeShare: 0.01 };
 * console.log(busy.seed);
 * ```
 */
export interface GenerateOptions {
  /** What the random choices depend on. */
  readonly seed: number | string;
  /** Address spaces; 10. */
  readonly spaces?: number;
  /** Programs and libraries in each; 4. */
  readonly modulesPerSpace?: number;
  /** Share of these that are drawn among the outdated ones; 0.2. */
  readonly outdatedShare?: number;
  /** Length of the trace, s; 10. */
  readonly durationS?: number;
  /** Events a second; 10 000. */
  readonly eventsPerS?: number;
  /**
   * Share of the events that are made by a compiler at run time: a page of code that no database has is written and
   * executed in turn; 0.
   */
  readonly writeShare?: number;
  /** Share of the events that read a file without code, which comes from the disk first; 0. */
  readonly readShare?: number;
  /** Rows of a batch; 65 536. */
  readonly batchRows?: number;
}

const defaults: Required<Omit<GenerateOptions, "seed">> = {
  spaces: 10,
  modulesPerSpace: 4,
  outdatedShare: 0.2,
  durationS: 10,
  eventsPerS: 10_000,
  writeShare: 0,
  readShare: 0,
  batchRows: 65_536,
};

/** A program or library in an address space. */
interface Mapping {
  readonly space: number;
  readonly binary: number;
  readonly base: number;
  /** The order in which its pages are popular, as places in the lists. */
  readonly popular: readonly number[];
}

const [exec, write, load, read] = ["exec", "write", "load", "read"].map((name) =>
  eventKinds.indexOf(name as (typeof eventKinds)[number]),
) as [number, number, number, number];

/** Pages between two mappings: more than 0 is all that matters. */
const gapPages = 16;
/** Where the first mapping of a space is: 0x400000, as programs that are not position independent. */
const firstBase = 0x400;

/**
 * A guest whose address spaces execute binaries of a database: what no capture gives at this size. Assumptions: events
 * are independent and exponential in time; a space's mappings are equally busy; among a mapping's pages the r-th of n is
 * picked at r = n·u³, so that half of the fetches go to an eighth of the pages. Each binary is in physical memory once, shared by the spaces.
 * exec events carry the real binary and reads the real file in `file`, for `groundTruth`. Deterministic in the seed; O(1) an event.
 *
 * @throws OptionError for a number out of range
 * @throws SimulationError for a database without binaries of the kinds asked for
 *
 * @example
 * ```ts
 * import { database, generateEvents } from "veelab/patch-audit";
 * const one = { package: "a", version: "1", release: "new", file: "a.so", addressPages: [1], hashes: [5n] } as const;
 * let events = 0;
 * for (const { timeNs } of generateEvents(database([one]), { seed: 1, outdatedShare: 0, modulesPerSpace: 1 })) events += timeNs.length;
 * console.log(events); // 100000
 * ```
 */
export function* generateEvents(database: Database, options: GenerateOptions): Generator<EventBatch, void, undefined> {
  onlyOptions(options, ["seed", ...Object.keys(defaults)]);
  const { seed, spaces, modulesPerSpace, outdatedShare, durationS, eventsPerS, writeShare, readShare, batchRows } = {
    ...defaults,
    ...options,
  };
  integer("spaces", spaces, { min: 1 });
  integer("modulesPerSpace", modulesPerSpace, { min: 1 });
  fraction("outdatedShare", outdatedShare);
  positive("durationS", durationS);
  positive("eventsPerS", eventsPerS);
  fraction("writeShare + readShare", writeShare + readShare);
  integer("batchRows", batchRows, { min: 1 });
  const stream = random(seed);
  const lists = codeLists(database);
  const mappings = mapAll(database, lists, stream.split("mappings"), { spaces, modulesPerSpace, outdatedShare });
  if (readShare > 0 && database.files.length === 0)
    throw new SimulationError("patch-audit", "files to read are asked for, and the database has none");
  const { hashLow, hashHigh } = database;
  // Physical pages: all code, then the files, then two pages a space: compiled code, and a buffer.
  const firstFile = database.postingBinary.length;
  const firstOwn = firstFile + database.files.length;
  const loaded = new Uint8Array(database.files.length);
  const compiledNext = new Uint8Array(spaces);
  let compiled = 0;
  const total = Math.max(1, Math.round(durationS * eventsPerS));
  const draws = stream.split("events");
  let now = 0;
  for (let done = 0; done < total;) {
    const rows = Math.min(batchRows, total - done);
    const batch = emptyBatch(rows);
    for (let row = 0; row < rows; row += 1) {
      now += draws.exponential(1e9 / eventsPerS);
      batch.timeNs[row] = now;
      const draw = draws.float();
      if (draw < writeShare) {
        const space = draws.int(spaces);
        const executes = compiledNext[space]!;
        compiledNext[space] = 1 - executes;
        batch.kind[row] = executes === 1 ? exec : write;
        batch.space[row] = space;
        batch.page[row] = firstOwn + 2 * space;
        batch.virtualPage[row] = firstBase / 2;
        // A hash that counts up is no page's of 64 random bits.
        batch.hash[2 * row] = compiled++;
      } else if (draw < writeShare + readShare) {
        const file = draws.int(loaded.length);
        const space = draws.int(spaces);
        batch.page[row] = firstFile + file;
        batch.file[row] = file;
        if (loaded[file] === 0) {
          loaded[file] = 1;
          batch.kind[row] = load;
        } else {
          batch.kind[row] = read;
          batch.space[row] = space;
          batch.to[row] = firstOwn + 2 * space + 1;
        }
      } else {
        const { space, binary, base, popular } = mappings[draws.int(mappings.length)]!;
        const at = popular[Math.floor(popular.length * draws.float() ** 3)]!;
        const id = lists.id[at]!;
        batch.kind[row] = exec;
        batch.space[row] = space;
        batch.page[row] = at;
        batch.virtualPage[row] = base + lists.addressPage[at]!;
        batch.hash[2 * row] = hashLow[id]!;
        batch.hash[2 * row + 1] = hashHigh[id]!;
        batch.file[row] = binary;
      }
    }
    done += rows;
    yield batch;
  }
}

function mapAll(
  { binaries }: Database,
  lists: CodeLists,
  stream: RandomStream,
  { spaces, modulesPerSpace, outdatedShare }: Pick<typeof defaults, "spaces" | "modulesPerSpace" | "outdatedShare">,
): Mapping[] {
  const places = binaries.map((_, binary) => binary);
  const outdated = places.filter((binary) => binaries[binary]!.outdated);
  const current = places.filter((binary) => !binaries[binary]!.outdated);
  const popular = new Map<number, readonly number[]>();
  return Array.from({ length: spaces }, (_, space) => {
    let base = firstBase;
    return Array.from({ length: modulesPerSpace }, (): Mapping => {
      const among = stream.float() < outdatedShare ? outdated : current;
      if (among.length === 0)
        throw new SimulationError(
          "patch-audit",
          `${among === outdated ? "outdated" : "up-to-date"} binaries are asked for, and the database has none`,
        );
      const binary = stream.pick(among);
      const mapping = { space, binary, base };
      base += binaries[binary]!.lastPage + 1 + gapPages;
      let order = popular.get(binary);
      if (order === undefined) {
        const first = lists.first[binary]!;
        const pages = Array.from({ length: lists.first[binary + 1]! - first }, (__, at) => first + at);
        popular.set(binary, (order = stream.shuffle(pages)));
      }
      return { ...mapping, popular: order };
    });
  }).flat();
}

function emptyBatch(rows: number): EventBatch {
  return {
    timeNs: new Float64Array(rows),
    kind: new Uint8Array(rows),
    space: new Uint32Array(rows),
    page: new Uint32Array(rows),
    virtualPage: new Float64Array(rows),
    hash: new Uint32Array(2 * rows),
    to: new Uint32Array(rows).fill(none),
    file: new Uint32Array(rows).fill(none),
  };
}
