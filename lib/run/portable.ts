import { createHash } from "node:crypto";
import { deserialize, serialize } from "node:v8";
import { parseSync } from "oxc-parser";
import { OptionError, SimulationError } from "../core/errors.ts";
import type { Axes } from "../core/sweep-points.ts";
import { codeVersion } from "./code-version.ts";
import { CELL_IMPORT, functionText, type FunctionText } from "./function-text.ts";
import { isGlobal } from "./globals.ts";
import { loadArrow } from "./arrow-forms.ts";
import { pack } from "./pack.ts";
import { hashOfImports } from "./sources.ts";
import type { PartitionFiles } from "./partitions.ts";

/**
 * A sweep's run function with all that it needs, as plain data: it can be posted to a thread (what is over shared memory is not copied)
 * or, as bytes, sent to another machine. A point of it is its index: `loadRun` runs it.
 */
export interface PortableRun {
  /** The version of the code that made it, which must be the one that runs it: the package's version and a hash of its built files. */
  readonly version: string;
  /** Where its imports are looked up: the folder of the notebook or of the module that called. */
  readonly directory: string;
  /** Of the points' random streams. */
  readonly seed: number | string;
  /** The run function, as an expression. */
  readonly text: string;
  /** The shared functions, as expressions; packed values speak of them by number. */
  readonly functions: readonly string[];
  /** The shared values by name, packed. */
  readonly share: unknown;
  /** The values of each parameter, packed. */
  readonly axes: unknown;
  /** What the functions import. */
  readonly imports: readonly string[];
  /** A hash of what they import: the texts of local files, the versions of packages. */
  readonly importsHash: string;
  /** Of a partitioned trace, what each point is: its function is then given the partition in the place of parameters. */
  readonly partitions?: readonly PartitionFiles[];
  /** SHA-256 of all but the axes and the seed: the version, the texts, the shared values. */
  readonly hash: string;
}

/** What {@link portableRun} is told. */
export interface PortableOptions {
  readonly share: Readonly<Record<string, unknown>>;
  readonly seed: number | string;
  readonly directory: string;
}

/** A portable run, and what its points depend on besides. */
export interface Prepared {
  readonly portable: PortableRun;
  /** The texts of the functions in each value of each axis. */
  readonly axisTexts: readonly (readonly string[])[];
  /** Whether the functions may look at their point's place in the sweep. */
  readonly usesIndex: boolean;
}

/**
 * Takes a run function apart into plain data, and checks before anything runs that it can work elsewhere. Linear in the texts and in
 * the bytes of the shared values.
 *
 * @throws OptionError for a name that the function takes from outside and that is not shared, and for a value that cannot be sent
 */
export async function portableRun(
  axes: Axes,
  run: (...inputs: never[]) => unknown,
  options: PortableOptions,
): Promise<Prepared> {
  await loadArrow();
  const { share, seed, directory } = options;
  for (const name of Object.keys(share)) checkName(name);
  const functions: FunctionText[] = [];
  const numberOf = (place: string, met: (...inputs: never[]) => unknown): number =>
    functions.push(functionText(place, met)) - 1;
  const shared = pack("share", share, numberOf);
  const own = functionText("run", run);
  const texts = [own, ...functions];
  const axisTexts: string[][] = [];
  const parameters = Object.fromEntries(
    Object.entries(axes).map(([name, values]) => {
      const starts: number[] = [];
      const packed = values.map((value, index) => {
        starts.push(functions.length);
        return pack(`${name}[${index}]`, value, numberOf);
      });
      const ofValue = (start: number, index: number) => functions.slice(start, starts[index + 1] ?? functions.length);
      axisTexts.push(starts.map((start, index) => JSON.stringify(ofValue(start, index).map(({ text }) => text))));
      return [name, packed];
    }),
  );
  refuseFreeNames(own, "the run function", share);
  for (const text of functions) refuseFreeNames(text, "a function that it is sent with", share);
  const version = codeVersion();
  const hash = createHash("sha256");
  hash.update(JSON.stringify([version, texts.map(({ text }) => text)]));
  hash.update(serialize(shared));
  const all = [own, ...functions];
  const imports = [...new Set(all.flatMap((each) => each.imports))].sort();
  const portable: PortableRun = {
    version,
    directory,
    seed,
    text: own.text,
    functions: functions.map(({ text }) => text),
    share: shared,
    axes: parameters,
    imports,
    importsHash: hashOfImports(directory, imports),
    hash: hash.digest("hex"),
  };
  return {
    portable,
    axisTexts,
    usesIndex: all.some(({ text }) => /\bindex\b/.test(text)),
  };
}

/** A portable run as bytes, shared memory copied. Linear. */
export function toBytes(portable: PortableRun): Uint8Array {
  return serialize(portable);
}

/**
 * What {@link toBytes} gave. Linear.
 *
 * @throws SimulationError when another version of the code made it, or what its functions import is not the same here
 */
export function fromBytes(bytes: Uint8Array): PortableRun {
  const portable = deserialize(bytes) as PortableRun;
  const { version, directory, imports, importsHash } = portable;
  checkVersion(version);
  if (hashOfImports(directory, imports) !== importsHash) {
    const what = `expected what the sweep imports (${imports.join(", ")} from ${directory}) as its coordinator has it`;
    throw new SimulationError("worker", `${what}, got other texts or versions`);
  }
  return portable;
}

/**
 * Refuses points of another version of the code: their results would not be those of the coordinator's code.
 *
 * @throws SimulationError with both versions
 */
export function checkVersion(version: string): void {
  const own = codeVersion();
  if (version !== own)
    throw new SimulationError("worker", `expected a sweep of this worker's veelab ${own}, got one of ${version}`);
}

function checkName(name: string): void {
  if (/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) {
    const { errors } = parseSync("name.js", `let ${name};`, { lang: "js", sourceType: "module" });
    if (errors.length === 0 && !name.startsWith("__")) return;
  }
  throw new OptionError("share", "names as variables have them, not beginning with __", name);
}

function refuseFreeNames(text: FunctionText, what: string, share: Readonly<Record<string, unknown>>): void {
  const missing = [...text.free].filter(
    (name) => !Object.hasOwn(share, name) && name !== CELL_IMPORT && name !== "require" && !isGlobal(name),
  );
  if (missing.length === 0) return;
  const names = missing.join(", ");
  throw new OptionError(
    "share",
    `every variable that ${what} takes from outside: share: { ${names} }, or what a module has by await import(…) inside the function`,
    new Error(`${Object.keys(share).length === 0 ? "nothing" : `only ${Object.keys(share).join(", ")}`} for ${names}`),
  );
}
