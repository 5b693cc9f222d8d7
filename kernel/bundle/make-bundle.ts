import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, realpath, rm, stat, symlink } from "node:fs/promises";
import { arch, platform, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { packageRoot, packageVersion } from "../package-root.ts";
import { notebookTitle } from "../run/html/export-html.ts";
import { InputError, reason } from "../run/input-error.ts";
import type { Notebook } from "../run/notebook.ts";
import type { Stop } from "../run/stop-signals.ts";
import { type Author, authorsOf } from "./citation.ts";
import { type CrateDescription, type CrateFile, crateMetadata, metadataName } from "./crate.ts";
import { datasetsOf, dependenciesFolder, licensesOf } from "./datasets-of.ts";
import { folderAround, gather, type Gathered, inside, isInstalled, nearest } from "./gather.ts";
import { importedPackages } from "./imported-packages.ts";
import { pin } from "./lock.ts";
import { madeOn } from "./made-on.ts";
import { packVeelab } from "./pack-veelab.ts";
import { bundleReadme } from "./readme.ts";
import { checkSizes } from "./check-sizes.ts";
import { type Ran, runOnce } from "./run-once.ts";
import { writeZip, type ZipEntry } from "./write-zip.ts";

/** What is asked of a bundle. */
export interface BundleOptions {
  /** Absolute paths, at least one. */
  readonly notebooks: readonly string[];
  /** Of the archive. */
  readonly target: string;
  readonly root: string | undefined;
  readonly include: readonly string[];
  readonly title: string | undefined;
  readonly authors: readonly string[];
  readonly license: string | undefined;
  readonly date: string | undefined;
  readonly timeout: number | undefined;
  readonly allowDifferent: boolean;
  readonly withLarge: boolean;
  /** Addresses of files that stay out of the archive, by absolute path. */
  readonly elsewhere: ReadonlyMap<string, string>;
}

/**
 * Makes a bundle: runs the notebooks to see what they read, runs them once more where nothing else is, and writes the archive.
 *
 * @param warn - told of notebooks that differ, where that is allowed
 * @returns what is in the archive
 * @throws InputError, in a sentence, for whatever stands against it
 */
export async function makeBundle(
  options: BundleOptions,
  stop: Stop,
  warn: (text: string) => void,
): Promise<CrateDescription> {
  const { notebooks, timeout } = options;
  const root = options.root ?? folderAround(notebooks);
  const veelab = packageRoot();
  for (const notebook of notebooks)
    if (inside(root, notebook) === undefined)
      throw new InputError(`--root: expected a folder around ${notebook}, got ${root}`);
  const complain = ({ complaint }: Ran, why: string): void => {
    if (complaint === undefined) return;
    if (!options.allowDifferent) throw new InputError(`${complaint}; ${why}`);
    warn(complaint);
  };
  const runs: { readonly ran: Ran; readonly gathered: Gathered; readonly place: string }[] = [];
  for (const notebook of notebooks) {
    const ran = await runOnce(notebook, timeout, stop);
    complain(ran, "a bundle has those that a run gives (--allow-different makes it all the same)");
    const gathered = await gather(ran.reads, { root, veelab, notebooks, include: options.include });
    runs.push({ ran, gathered, place: inside(root, notebook)! });
  }
  const interrupted = (): void => {
    if (stop.interrupt.aborted) throw new InputError("interrupted, no bundle is written");
  };
  const files = [...new Set(runs.flatMap(({ gathered }) => gathered.files))].sort();
  const overwritten = inside(root, options.target);
  if (overwritten !== undefined && files.includes(overwritten))
    throw new InputError(`--out: expected no file that a notebook reads, got ${options.target}`);
  await checkSizes(root, files, options);
  const folder = await dependenciesFolder(veelab);
  const scratch = await mkdtemp(join(tmpdir(), "veelab-bundle-"));
  // What is handed in, and a copy of it to run in: a notebook may change what it reads.
  const stage = join(scratch, "stage");
  const elsewhere = join(scratch, "run");
  try {
    for (const place of [...files, ...runs.map((run) => run.place)]) {
      await mkdir(dirname(join(stage, place)), { recursive: true });
      await cp(join(root, place), join(stage, place), { dereference: true });
    }
    await cp(stage, elsewhere, { recursive: true });
    await symlink(join(folder, "node_modules"), join(elsewhere, "node_modules"), "junction");
    for (const { place } of runs) {
      const again = await runOnce(join(elsewhere, place), timeout, stop);
      complain(
        again,
        "so it is where only the files of the bundle are: what a program that it starts reads is not seen (--include takes a file along)",
      );
      await refuseAbsolute(again, root, { veelab, scratch });
    }
    interrupted();
    return await write({ ...options, root, files, runs, folder, stage, interrupted, warn });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** What is read in the notebooks' own folder while they run in another one has its place written out. */
async function refuseAbsolute({ reads }: Ran, root: string, own: { veelab: string; scratch: string }): Promise<void> {
  // The folder may have been named by a link.
  const roots = [root, await realpath(root)];
  const scratch = [own.scratch, await realpath(own.scratch)];
  const path = reads.read.find(
    (each) =>
      roots.some((folder) => inside(folder, each) !== undefined) &&
      !scratch.some((folder) => inside(folder, each) !== undefined) &&
      !isInstalled(each, own.veelab),
  );
  if (path !== undefined)
    throw new InputError(
      `${path}: expected paths relative to the notebook, got an absolute one, which leads nowhere elsewhere`,
    );
}

interface Made extends BundleOptions {
  readonly root: string;
  readonly files: readonly string[];
  readonly runs: readonly { readonly ran: Ran; readonly gathered: Gathered; readonly place: string }[];
  readonly folder: string;
  readonly stage: string;
  /** Throws where a person has interrupted. */
  readonly interrupted: () => void;
  readonly warn: (text: string) => void;
}

/** Where the notebooks' folder is in an archive. */
const inArchive = (place: string): string => `notebooks/${place}`;

async function write(made: Made): Promise<CrateDescription> {
  const { root, files, runs, stage, target } = made;
  const veelab = packageRoot();
  const own = JSON.parse(await readFile(join(veelab, "package.json"), "utf8")) as { name: string };
  const packed = await packVeelab();
  const untracked = packed.untracked.join(", ");
  if (untracked !== "")
    made.warn(
      `${packed.name} takes along what git does not track in the clone of veelab, for others to read: ${untracked}`,
    );
  const tarball = { path: `vendor/${packed.name}`, bytes: packed.bytes };
  const manifest = await nearest(root, "package.json");
  const { type, license } = manifestOf(manifest);
  const imported = importedPackages([
    ...runs.flatMap(({ ran }) => codeOf(ran.notebook)),
    ...(await Promise.all(
      files.filter((file) => /\.[cm]?[jt]sx?$/u.test(file)).map((file) => readFile(join(stage, file), "utf8")),
    )),
  ]);
  const name = `${basename(runs[0]!.place, ".ipynb")
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, "-")}-artifact`;
  const pinned = await pin({ name, type, tarball, veelab: own, imported, folder: made.folder });
  const program = (await readFile(join(veelab, "dist/kernel/bundle/run-bundle.js"), "utf8")).replace(
    /\n\/\/# sourceMappingURL=.*\n?$/u,
    "\n",
  );
  const licenses = await licensesOf(root, files);
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  const entries: (ZipEntry & Pick<CrateFile, "name" | "license" | "url" | "isProgram">)[] = [
    ...runs.map(({ place, ran }) => ({
      ...{ path: inArchive(place), content: { file: join(stage, place) }, isProgram: true },
      name: notebookTitle(ran.notebook) ?? place,
    })),
    ...files.map((place) => ({
      ...{ path: inArchive(place), content: { file: join(stage, place) } },
      ...(/\.[cm]?[jt]sx?$/u.test(place) ? { name: "module", isProgram: true } : { name: "data" }),
      ...{ license: licenses.get(place)!, url: made.elsewhere.get(join(root, place))! },
    })),
    { path: tarball.path, content: tarball.bytes, name: `veelab ${packageVersion()}, as npm packs it` },
    { path: "package.json", content: text(pinned.manifest), name: "what is installed" },
    { path: "package-lock.json", content: text(pinned.lock), name: "the versions and hashes of it" },
    {
      path: "run.mjs",
      content: text(program),
      name: "checks, installs, runs, compares",
      isExecutable: true,
      isProgram: true,
    },
  ];
  const described: CrateDescription = {
    title: made.title ?? notebookTitle(runs[0]!.ran.notebook) ?? name,
    date: made.date ?? (await madeOn(made.notebooks)),
    license: made.license ?? license,
    authors: await authorsFor(made),
    files: await Promise.all(entries.map(describeEntry)),
    datasets: await datasetsOf(veelab, [...new Set(runs.flatMap(({ gathered }) => gathered.datasets))]),
    runs: await Promise.all(
      runs.map(async ({ place, gathered, ran }) => ({
        notebook: inArchive(place),
        inputs: [inArchive(place), ...gathered.files.map(inArchive)],
        datasets: (await datasetsOf(veelab, gathered.datasets)).map((dataset) => dataset.name),
        failure: ran.failure,
      })),
    ),
    software: {
      ...{ veelab: packageVersion(), node: process.versions.node, tarball: tarball.path },
      platform: `${platform()} ${arch()}`,
    },
  };
  const readme = { path: "README.md", content: text(bundleReadme(described)), name: "how to run it" };
  const whole = { ...described, files: [...described.files, await describeEntry(readme)] };
  made.interrupted();
  await writeZip(target, [
    ...entries.filter(({ url }) => url === undefined),
    readme,
    { path: metadataName, content: text(crateMetadata(whole)) },
  ]);
  return whole;
}

/** What a package.json says; a licence that is no identifier of SPDX's has no address there. */
function manifestOf(manifest: { path: string; text: string } | undefined): { type?: string; license?: string } {
  let said: unknown;
  try {
    said = JSON.parse(manifest?.text ?? "{}");
  } catch (cause) {
    throw new InputError(`${manifest?.path ?? ""}: expected a package.json in JSON: ${reason(cause)}`, { cause });
  }
  const { type, license } = said as { type?: unknown; license?: unknown };
  return {
    ...(typeof type === "string" ? { type } : {}),
    ...(typeof license === "string" && /^[\w.+-]+$/u.test(license) ? { license } : {}),
  };
}

const codeOf = ({ cells }: Notebook): string[] =>
  cells.filter((cell) => cell.cell_type === "code").map(({ source }) => source);

async function describeEntry(
  entry: ZipEntry & Pick<CrateFile, "name" | "license" | "url" | "isProgram">,
): Promise<CrateFile> {
  const { path, content, name, license, url, isProgram } = entry;
  const hash = createHash("sha256");
  if ("file" in content) await pipeline(createReadStream(content.file), hash);
  else hash.update(content);
  const bytes = "file" in content ? (await stat(content.file)).size : content.byteLength;
  return {
    ...{ path, name, bytes, sha256: hash.digest("hex") },
    ...{ license, url },
    ...(isProgram === true ? { isProgram } : {}),
  };
}

async function authorsFor({ authors, root }: Made): Promise<readonly Author[]> {
  if (authors.length > 0) return authors.map((name) => ({ name, isPerson: true }));
  return authorsOf((await nearest(root, "CITATION.cff"))?.text ?? "");
}
