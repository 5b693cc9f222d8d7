import { createHash } from "node:crypto";
import { deserialize, serialize } from "node:v8";
import { SimulationError } from "../core/errors.ts";
import type { AxisValue } from "../core/sweep-axes.ts";
import type { Axes } from "../core/sweep-points.ts";
import { codeVersion } from "./code-version.ts";
import { functionText, type FunctionText } from "./function-text.ts";
import { loadArrow } from "./arrow-forms.ts";
import { pack } from "./pack.ts";
import { checkShareName, refuseComputedImports, refuseFreeNames } from "./refusals.ts";
import { readImports } from "./sources.ts";
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
  /** Where they, or the local files that they import, compute which module they import: the hash knows nothing of it. */
  readonly computedImports: readonly string[];
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
  /** What each value of each axis is beside its columns: the sign of a zero, all that a policy holds, with its functions' texts. */
  readonly axisTexts: readonly (readonly string[])[];
  /** Whether the run function, or what it gives its context to, may look at its point's place in the sweep. */
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
  for (const name of Object.keys(share)) checkShareName(name);
  const functions: FunctionText[] = [];
  const numberOf = (place: string, met: (...inputs: never[]) => unknown): number =>
    functions.push(functionText(place, met)) - 1;
  const shared = pack("share", share, numberOf);
  const own = functionText("run", run);
  const shareTexts = [own, ...functions].map(({ text }) => text);
  const axisTexts: string[][] = [];
  const parameters = Object.fromEntries(
    Object.entries(axes).map(([name, values]) => {
      const packed = values.map((value, index) => pack(`${name}[${index}]`, value, numberOf));
      axisTexts.push(values.map(textOfValue));
      return [name, packed];
    }),
  );
  refuseFreeNames(own, "the run function", share);
  for (const text of functions) refuseFreeNames(text, "a function that it is sent with", share);
  const version = codeVersion();
  const hash = createHash("sha256");
  hash.update(JSON.stringify([version, shareTexts]));
  hash.update(serialize(shared));
  const sent = [own, ...functions];
  const imports = [...new Set(sent.flatMap((each) => each.imports))].sort();
  const read = readImports(directory, imports);
  const portable: PortableRun = {
    version,
    directory,
    seed,
    text: own.text,
    functions: functions.map(({ text }) => text),
    share: shared,
    axes: parameters,
    imports,
    importsHash: read.hash,
    computedImports: [...sent.flatMap((each) => each.computedImports), ...read.computed],
    hash: hash.digest("hex"),
  };
  return { portable, axisTexts, usesIndex: own.seesIndex };
}

/** The same for the same value, whatever others are sent with it. */
function textOfValue(value: AxisValue): string {
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? "-0" : "";
  const texts: string[] = [];
  const packed = pack("axes", value, (place, met) => texts.push(functionText(place, met).text) - 1);
  return createHash("sha256").update(JSON.stringify(texts)).update(serialize(packed)).digest("hex");
}

/**
 * A portable run as bytes, for another machine, shared memory copied. Linear.
 *
 * @throws OptionError where a function computes which module it imports: whether it is the same there could not be told
 */
export function toBytes(portable: PortableRun): Uint8Array {
  refuseComputedImports("on", portable.computedImports);
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
  if (readImports(directory, imports).hash !== importsHash) {
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
