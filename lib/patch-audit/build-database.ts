import type { RecordBatch } from "apache-arrow";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FileKind } from "../../datasets/build/file-kind.ts";
import { anyRelease } from "../../datasets/build/kernel-release.ts";
import { type PackageVersion, unpackVersion } from "../../datasets/build/package-pair.ts";
import { OptionError } from "../../datasets/errors.ts";
import { codes, optional } from "../../datasets/formats/layout.ts";
import { pageHash } from "../../datasets/formats/page.ts";
import { type Rows, traceRows } from "../../datasets/formats/rows.ts";
import { stream, writeArrow } from "../../datasets/index.ts";
import { readModuleCode } from "../../datasets/readers/images/kernel-module.ts";
import { openSource } from "../../datasets/source/source.ts";
import { numbersOf } from "../traces/columns.ts";
import { compareVersions } from "./debian-version.ts";
import { type PagePattern, patternOf } from "./masked-pages.ts";

/** The columns of `packages/code-pages`, and the patterns of pages that loading changes. */
const layout = {
  package: "words",
  version: "words",
  release: codes(["old", "new"]),
  file: "words",
  addressPage: "float64",
  hash: "uint64",
  bytesUsed: "uint16",
  mask: optional("text"),
  anchorByte: optional("uint16"),
  anchor: optional("uint64"),
} as const;

const batchRows = 16_384;

/** Kernel modules are compressed in some distributions. */
const module = /\.ko(\.(gz|xz|zst))?$/;

/**
 * Writes a database of the code pages of packages, in any number of versions: of each package the newest one is up to
 * date, the others are outdated; kernels of one flavour are versions of one package, see `anyRelease`. The columns are those of `packages/code-pages` and, for
 * pages of kernel modules, `mask` (512 bytes in base64), `anchorByte` and `anchor`, see PagePattern. Needs dpkg-deb. Gives the packages, each
 * with its newest version.
 *
 * Throws OptionError for a package that is given twice in the same version, and TraceFormatError for a file that is none.
 */
export async function buildDatabase(debs: readonly string[], out: string): Promise<ReadonlyMap<string, string>> {
  const scratch = await mkdtemp(join(tmpdir(), "veelab-audit-"));
  try {
    const versions = new Map<string, PackageVersion[]>();
    for (const [at, deb] of debs.entries()) {
      const version = await unpackVersion(deb, join(scratch, String(at)));
      const name = anyRelease(version.name, version.name);
      const known = versions.get(name) ?? [];
      versions.set(name, known);
      if (known.some((other) => compareVersions(other.version, version.version) === 0))
        throw new OptionError(deb, `${version.name} once in each version`, version.version);
      known.push(version);
    }
    for (const known of versions.values()) known.sort((a, b) => compareVersions(a.version, b.version));
    await writeArrow(out, batchesOf([...versions.values()]), { metadata: { "veelab.kind": "code" } });
    return new Map([...versions].map(([name, known]) => [name, known.at(-1)!.version]));
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function* batchesOf(packages: readonly (readonly PackageVersion[])[]): AsyncGenerator<RecordBatch, void> {
  const rows = traceRows(layout, batchRows);
  let yielded = false;
  for (const versions of packages)
    for (const version of versions)
      for (const { path, kind, linkTo } of version.files.values()) {
        if (linkTo !== undefined) continue;
        for await (const page of pagesOf(join(version.root, path), kind)) {
          add(rows, page, version, path, version === versions.at(-1));
          if (rows.count < batchRows) continue;
          yield rows.take();
          yielded = true;
        }
      }
  if (rows.count > 0 || !yielded) yield rows.take();
}

interface Page {
  readonly addressPage: number;
  readonly hash: bigint;
  readonly bytesUsed: number;
  readonly pattern?: PagePattern;
}

/** The code pages of a file; none of a file that is no code, or that is linked before it is loaded. */
async function* pagesOf(path: string, kind: FileKind): AsyncGenerator<Page, void> {
  if (module.test(path))
    for (const { addressPage, content, mask, bytesUsed } of await readModuleCode(await openSource(path))) {
      const isMasked = mask.some((bits) => bits !== 0);
      const pattern = isMasked ? patternOf(content, mask) : undefined;
      if (pattern !== undefined) yield { addressPage, hash: pattern.hash, bytesUsed, pattern };
      else if (!isMasked) yield { addressPage, hash: pageHash(content), bytesUsed };
    }
  else if (kind === "program" || kind === "library")
    for await (const batch of stream(path, { as: "elf-code" })) {
      const [places, used] = [numbersOf(batch, "addressPage"), numbersOf(batch, "bytesUsed")];
      const hashes = batch.getChild("hash")!.data[0]!.values as BigUint64Array;
      for (let row = 0; row < batch.numRows; row += 1)
        yield { addressPage: places[row]!, hash: hashes[row]!, bytesUsed: used[row]! };
    }
}

function add(
  rows: Rows<typeof layout>,
  { addressPage, hash, bytesUsed, pattern }: Page,
  { name, version }: PackageVersion,
  path: string,
  isNewest: boolean,
): void {
  const { columns, count } = rows;
  columns.package.setText(count, anyRelease(name, name));
  columns.version.setText(count, version);
  columns.release[count] = isNewest ? 1 : 0;
  columns.file.setText(count, anyRelease(name, path));
  columns.addressPage[count] = addressPage;
  setWide(columns.hash, count, hash);
  columns.bytesUsed[count] = bytesUsed;
  if (pattern === undefined) for (const column of ["mask", "anchorByte", "anchor"] as const) rows.setNull(column);
  else {
    columns.mask.setText(count, Buffer.from(pattern.mask).toString("base64"));
    columns.anchorByte[count] = pattern.anchorByte;
    setWide(columns.anchor, count, pattern.anchor);
  }
  rows.count += 1;
}

function setWide(column: Uint32Array, row: number, value: bigint): void {
  column[2 * row] = Number(value & 0xffff_ffffn);
  column[2 * row + 1] = Number(value >> 32n);
}
