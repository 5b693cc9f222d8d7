import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { isJsonObject, type Json, type JsonObject } from "../../protocol/json.ts";
import { writeFileAtomic } from "../write-file-atomic.ts";
import { readComparison, type Comparison } from "./comparison.ts";
import type { Dataset } from "./data-package.ts";
import type { Environment } from "./environment.ts";

/** What one report is compared to the next by. */
export interface Recorded {
  /** When the report was made: ISO 8601, UTC. */
  readonly made: string;
  readonly environment: Environment;
  readonly datasets: readonly Pick<Dataset, "name" | "hash">[];
  readonly comparisons: readonly Comparison[];
}

const fileName = "report.json";

/** Writes the report for programs, and for the next report, beside its page. */
export async function writeRecorded(
  folder: string,
  { made, environment, datasets, comparisons }: Recorded,
): Promise<void> {
  const hashes = Object.fromEntries(datasets.map(({ name, hash }) => [name, hash]));
  const report = { made, environment: Object.fromEntries(environment), datasets: hashes, comparisons };
  await writeFileAtomic(join(folder, fileName), `${JSON.stringify(report, undefined, 1)}\n`);
}

/** What the report in a folder recorded; nothing where there is none, an older one, or one that is damaged. */
export async function readRecorded(folder: string): Promise<Recorded | undefined> {
  const text = await readFile(join(folder, fileName), "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const report = parsed(text);
  if (!isJsonObject(report) || !isMoment(report["made"]) || !Array.isArray(report["comparisons"])) return undefined;
  const { made, environment, datasets, comparisons } = report;
  return {
    made,
    environment: textsOf(environment),
    datasets: textsOf(datasets).map(([name, hash]) => ({ name, hash })),
    comparisons: (comparisons as readonly Json[]).filter(isJsonObject).map(readComparison),
  };
}

const isMoment = (value: Json | undefined): value is string =>
  typeof value === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d/u.test(value);

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function textsOf(value: Json | undefined): [string, string][] {
  const object: JsonObject = isJsonObject(value) ? value : {};
  return Object.entries(object).filter((entry): entry is [string, string] => typeof entry[1] === "string");
}
