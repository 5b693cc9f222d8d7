// The program `run.mjs` of a bundle: needs nothing but Node and npm. Checks every file against the metadata, installs what package-lock.json pins, runs the notebooks again,
// compares with the outputs in them, and says the verdict.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

interface Entity {
  readonly "@id": string;
  readonly "@type": string | readonly string[];
  readonly alternateName?: string;
  readonly contentSize?: string;
  readonly sha256?: string;
  readonly result?: readonly Pick<Entity, "@id">[];
}

const HELP = `Usage: node run.mjs [--installed] [--timeout S]

Checks the files of this folder against ro-crate-metadata.json, installs the packages of package-lock.json into node_modules
(npm ci), runs the notebooks again, and compares with the outputs that are in them.

  --installed    do not install: node_modules is there
  --timeout S    end a cell after S seconds

Exit status: 0 reproduced, 1 not, 2 cannot be run.
`;

const root = dirname(fileURLToPath(import.meta.url));
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** What cannot be run: one sentence. */
class Refusal extends Error {}

async function sha256(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** What is wrong with a file, in a sentence; undefined where it is as the metadata say. */
async function problem(path: string, place: string, expected: string): Promise<string | undefined> {
  if (!existsSync(place)) return `${path}: expected a file, got none`;
  const got = await sha256(place);
  return got === expected ? undefined : `${path}: expected sha256 ${expected}, got ${got}`;
}

async function download(url: string, path: string): Promise<void> {
  say(`fetching ${url}`);
  const failed = (error: unknown): never => {
    const { message, cause } = error as Error;
    throw new Refusal(`${url}: cannot be fetched: ${cause instanceof Error ? cause.message : message}`);
  };
  const answer = await fetch(url).catch(failed);
  if (!answer.ok || answer.body === null) throw new Refusal(`${url}: expected a file, got status ${answer.status}`);
  mkdirSync(dirname(path), { recursive: true });
  await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(`${path}.part`)).catch(failed);
  renameSync(`${path}.part`, path);
}

/** Runs a program in this folder, its output on ours; gives its exit status. */
function run(program: string, args: readonly string[]): number {
  const { status, error } = spawnSync(program, args, {
    ...{ cwd: root, stdio: ["ignore", "inherit", "inherit"] },
    // npm is a script there.
    shell: process.platform === "win32" && program === "npm",
  });
  if (error !== undefined) throw new Refusal(`${program}: cannot be started: ${error.message}`);
  return status ?? 1;
}

function parsedArguments() {
  try {
    return parseArgs({
      options: { installed: { type: "boolean" }, timeout: { type: "string" }, help: { type: "boolean", short: "h" } },
    });
  } catch (cause) {
    throw new Refusal((cause as Error).message);
  }
}

function entities(): readonly Entity[] {
  try {
    const crate = JSON.parse(readFileSync(join(root, "ro-crate-metadata.json"), "utf8")) as { "@graph": Entity[] };
    return [...crate["@graph"]];
  } catch (cause) {
    throw new Refusal(`ro-crate-metadata.json: cannot be read: ${(cause as Error).message}`);
  }
}

async function main(): Promise<number> {
  const { values } = parsedArguments();
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    throw new Refusal(`expected Node 20.19 or newer, got ${process.versions.node}`);
  const graph = entities();
  const isFile = ({ "@type": type }: Entity): boolean => [type].flat().includes("File");
  const idOf = ({ "@id": id }: Pick<Entity, "@id">): string => id;
  const pathOf = (entity: Entity): string => entity.alternateName ?? decodeURIComponent(entity["@id"]);
  const files = graph.filter((entity) => isFile(entity) && entity.sha256 !== undefined);
  const datasets = graph.filter((entity) => !isFile(entity) && entity.sha256 !== undefined);

  const problems: string[] = [];
  for (const file of files) {
    const path = pathOf(file);
    if (/^https?:/u.test(file["@id"]) && !existsSync(join(root, path))) await download(file["@id"], join(root, path));
    const wrong = await problem(path, join(root, path), file.sha256!);
    if (wrong !== undefined) problems.push(wrong);
  }
  say(`files: ${files.length - problems.length} of ${files.length} as in ro-crate-metadata.json`);
  for (const each of problems) say(`  ${each}`);
  const installs = problems.find((each) => /^(?:vendor\/|package(?:-lock)?\.json|run\.mjs)/u.test(each));
  if (installs !== undefined)
    throw new Refusal(`what would be installed or run is not what was handed in: ${installs}`);

  if (values.installed !== true) {
    say("installing");
    if (
      run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--prefer-offline"]) !==
      0
    )
      throw new Refusal("npm ci failed");
  }
  const veelab = join(root, "node_modules", "veelab");
  let damaged = 0;
  for (const dataset of datasets) {
    const wrong = await problem(pathOf(dataset), join(veelab, pathOf(dataset)), dataset.sha256!);
    if (wrong === undefined) continue;
    damaged += 1;
    problems.push(wrong);
    say(`  ${wrong}`);
  }
  if (datasets.length > 0)
    say(`datasets of veelab: ${datasets.length - damaged} of ${datasets.length} as in ro-crate-metadata.json`);

  // Another notebook among the files is data.
  const results = new Set(
    graph.filter((entity) => entity["@type"] === "CreateAction").flatMap(({ result = [] }) => result.map(idOf)),
  );
  const notebooks = files.filter((file) => results.has(idOf(file))).map(pathOf);
  const timeout = values.timeout === undefined ? [] : ["--timeout", values.timeout];
  const command = [join(veelab, "dist", "kernel", "cli.js"), "run", "--check", ...timeout, ...notebooks];
  // Sweeps compute their points here: kept ones would be no reproduction.
  const store = mkdtempSync(join(tmpdir(), "veelab-bundle-store-"));
  process.env["VEELAB_STORE"] = store;
  let status: number;
  try {
    status = run(process.execPath, command);
  } finally {
    rmSync(store, { recursive: true, force: true });
  }
  if (status > 1) throw new Refusal(`the notebooks could not be run (exit status ${status})`);
  const verdict = [
    ...(problems.length > 0 ? [`${problems.length} ${problems.length === 1 ? "file differs" : "files differ"}`] : []),
    ...(status !== 0 ? ["outputs differ"] : []),
  ];
  say(verdict.length === 0 ? "verdict: reproduced" : `verdict: not reproduced (${verdict.join(", ")})`);
  return verdict.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (cause) {
  const said = cause instanceof Refusal ? cause.message : cause instanceof Error ? cause.stack : String(cause);
  process.stderr.write(`run.mjs: ${said}\n`);
  process.exitCode = 2;
}
