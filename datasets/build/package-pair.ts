import type * as arrow from "apache-arrow";
import { join } from "node:path";
import { output } from "../capture/output.ts";
import { OptionError } from "../errors.ts";
import { codes, optional } from "../formats/layout.ts";
import { traceRows } from "../formats/rows.ts";
import { open, stream } from "../open.ts";
import { type FileKind, fileKind, fileKinds } from "./file-kind.ts";

/** A version that apt offers, and Debian's suite that has it. */
export interface Offer {
  readonly version: string;
  readonly suite: string;
}

/**
 * The two newest versions of each package in what `apt-cache madison` printed, old and new; none of a package that has one only. Other archives than Debian's
 * do not count. A version that is in several suites is the security suite's.
 */
export function updatesOf(madison: string): Map<string, readonly [old: Offer, update: Offer]> {
  const offers = new Map<string, Offer[]>();
  for (const line of madison.split("\n")) {
    const [, name, version, suite] =
      /^\s*(\S+) \|\s*(\S+) \| \S+ (bookworm(?:-\w+)?)\/main \S+ Packages$/.exec(line) ?? [];
    if (name === undefined) continue;
    const known = offers.get(name) ?? [];
    offers.set(name, known);
    // apt prints the newest version first.
    const same = known.find((offer) => offer.version === version);
    if (same === undefined) known.push({ version: version!, suite: suite! });
    else if (suite!.endsWith("-security")) known[known.indexOf(same)] = { version: version!, suite: suite! };
  }
  return new Map(
    [...offers].flatMap(([name, [update, old]]) =>
      update === undefined || old === undefined ? [] : [[name, [old, update]] as const],
    ),
  );
}

/** A file of a package. */
export interface PackageFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly kind: FileKind;
  /** The file that it is a hard link to. */
  readonly linkTo?: string;
}

/** A version of a package, unpacked. */
export interface PackageVersion {
  readonly name: string;
  /** The package's source, whose update it is a part of. */
  readonly source: string;
  readonly version: string;
  /** By their paths from the root directory. */
  readonly files: ReadonlyMap<string, PackageFile>;
  /** Where they lie. */
  readonly root: string;
}

/** What is read of an entry of a package. */
interface Entry {
  readonly path: string;
  readonly type: string;
  readonly link: string | null;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** Unpacks a package in a folder that is not there yet, and reads what its files are; a hard link is the file that it links to. Needs dpkg-deb. */
export async function unpackVersion(deb: string, root: string): Promise<PackageVersion> {
  await output("dpkg-deb", ["--extract", deb, root], "dpkg");
  const about = await output(
    "dpkg-deb",
    ["--show", "--showformat=${Package} ${Version} ${source:Package}", deb],
    "dpkg",
  );
  const [name, version, source] = about.split(" ") as [string, string, string];
  const files = new Map<string, PackageFile>();
  const table = await open(deb, { as: "deb", columns: ["path", "type", "link", "sizeBytes", "sha256"] });
  for (const { path, type, link, sizeBytes, sha256 } of table.toArray() as Entry[]) {
    if (type === "hard link") {
      const target = files.get(link!.replace(/^(\.?\/)+/, ""));
      if (target === undefined) throw new OptionError(path, "a hard link to a file before it", link);
      files.set(path, { ...target, path, linkTo: target.path });
    } else if (type === "file")
      files.set(path, { path, bytes: sizeBytes, sha256, kind: await fileKind(path, join(root, path)) });
  }
  return { name, source, version, files, root };
}

/** Two versions of a package, and the suite that has the new one. */
export interface PackagePair {
  readonly old: PackageVersion;
  readonly update: PackageVersion;
  readonly suite: string;
}

/** What an update does to a file; the code of each is its place here. */
export const fileChanges = ["unchanged", "changed", "added", "removed"] as const;

/** A file that is in one of two versions, or in both. */
export interface FilePair {
  readonly path: string;
  readonly change: (typeof fileChanges)[number];
  readonly old?: PackageFile;
  readonly update?: PackageFile;
}

/** Compares the files of two versions, by their contents' hashes; in the order of the paths. */
export function pairFiles({ old, update }: Pick<PackagePair, "old" | "update">): FilePair[] {
  const paths = [...new Set([...old.files.keys(), ...update.files.keys()])].sort();
  return paths.map((path): FilePair => {
    const [before, after] = [old.files.get(path), update.files.get(path)];
    if (before === undefined) return { path, change: "added", update: after! };
    if (after === undefined) return { path, change: "removed", old: before };
    return { path, change: before.sha256 === after.sha256 ? "unchanged" : "changed", old: before, update: after };
  });
}

const fileLayout = {
  package: "words",
  source: "words",
  oldVersion: "words",
  newVersion: "words",
  suite: "words",
  path: "text",
  kind: codes(fileKinds),
  change: codes(fileChanges),
  oldBytes: optional("float64"),
  newBytes: optional("float64"),
} as const;

/** The table `packages/security-updates`, a batch a package. */
export function* fileBatches(pairs: Iterable<PackagePair>): Generator<arrow.RecordBatch, void> {
  const rows = traceRows(fileLayout, 65_536);
  for (const pair of pairs) {
    for (const { path, change, old, update } of pairFiles(pair)) {
      const { columns, count } = rows;
      columns.package.setText(count, pair.update.name);
      columns.source.setText(count, pair.update.source);
      columns.oldVersion.setText(count, pair.old.version);
      columns.newVersion.setText(count, pair.update.version);
      columns.suite.setText(count, pair.suite);
      columns.path.setText(count, path);
      columns.kind[count] = fileKinds.indexOf((update ?? old)!.kind);
      columns.change[count] = fileChanges.indexOf(change);
      if (old === undefined) rows.setNull("oldBytes");
      else columns.oldBytes[count] = old.bytes;
      if (update === undefined) rows.setNull("newBytes");
      else columns.newBytes[count] = update.bytes;
      rows.count += 1;
    }
    yield rows.take();
  }
}

const pageLayout = {
  package: "words",
  version: "words",
  release: codes(["old", "new"]),
  file: "words",
  addressPage: "float64",
  hash: "uint64",
  bytesUsed: "uint16",
} as const;

/** Rows behind which a batch ends. */
const fullBatch = 32_768;

/** The table `packages/code-pages`: of each file the pages in the old version, then in the new one. */
export async function* codeBatches(pairs: Iterable<PackagePair>): AsyncGenerator<arrow.RecordBatch, void> {
  // Both versions of a file in one batch: where they are the same, gzip finds it.
  const rows = traceRows(pageLayout, 131_072);
  for (const { old, update } of pairs)
    for (const pair of pairFiles({ old, update })) {
      for (const [release, of] of [old, update].entries()) {
        const file = release === 0 ? pair.old : pair.update;
        if (file === undefined || file.linkTo !== undefined || !["program", "library"].includes(file.kind)) continue;
        for await (const batch of stream(join(of.root, file.path), { as: "elf-code" })) {
          const [pages, hashes, used] = (["addressPage", "hash", "bytesUsed"] as const).map(
            (name) => batch.getChild(name)!.data[0]!.values as ArrayLike<number | bigint>,
          );
          for (let row = 0; row < batch.numRows; row += 1) {
            const { columns, count } = rows;
            columns.package.setText(count, of.name);
            columns.version.setText(count, of.version);
            columns.release[count] = release;
            columns.file.setText(count, file.path);
            columns.addressPage[count] = Number(pages![row]);
            new BigUint64Array(columns.hash.buffer)[count] = hashes![row] as bigint;
            columns.bytesUsed[count] = Number(used![row]);
            rows.count += 1;
          }
        }
      }
      // Few large batches: each brings its own headers and dictionaries, which take longer to read than the rows.
      if (rows.count > fullBatch) yield rows.take();
    }
  if (rows.count > 0) yield rows.take();
}
