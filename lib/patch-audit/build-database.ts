import type { RecordBatch } from "apache-arrow";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PackageVersion, unpackVersion } from "../../datasets/build/package-pair.ts";
import { OptionError } from "../../datasets/errors.ts";
import { codes } from "../../datasets/formats/layout.ts";
import { type Rows, traceRows } from "../../datasets/formats/rows.ts";
import { stream, writeArrow } from "../../datasets/index.ts";
import { halvesOf, numbersOf } from "../traces/columns.ts";
import { compareVersions } from "./debian-version.ts";

/** The columns of `packages/code-pages`. */
const layout = {
  package: "words",
  version: "words",
  release: codes(["old", "new"]),
  file: "words",
  addressPage: "float64",
  hash: "uint64",
  bytesUsed: "uint16",
} as const;

const batchRows = 131_072;

/**
 * Writes a database of the code pages of packages, in any number of versions: of each package the newest one is up to
 * date, the others are outdated. The columns are those of `packages/code-pages`. Needs dpkg-deb. Gives the packages, each
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
      const known = versions.get(version.name) ?? [];
      versions.set(version.name, known);
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
        if (linkTo !== undefined || !["program", "library"].includes(kind)) continue;
        for await (const batch of stream(join(version.root, path), { as: "elf-code" })) {
          if (rows.count + batch.numRows > batchRows) {
            yield rows.take();
            yielded = true;
          }
          add(rows, batch, version, path, version === versions.at(-1));
        }
      }
  if (rows.count > 0 || !yielded) yield rows.take();
}

function add(
  rows: Rows<typeof layout>,
  batch: RecordBatch,
  { name, version }: PackageVersion,
  path: string,
  isNewest: boolean,
): void {
  const [pages, used] = [numbersOf(batch, "addressPage"), numbersOf(batch, "bytesUsed")];
  const halves = halvesOf(batch, "hash");
  for (let row = 0; row < batch.numRows; row += 1) {
    const { columns, count } = rows;
    columns.package.setText(count, name);
    columns.version.setText(count, version);
    columns.release[count] = isNewest ? 1 : 0;
    columns.file.setText(count, path);
    columns.addressPage[count] = pages[row]!;
    columns.hash.set(halves.subarray(2 * row, 2 * row + 2), 2 * count);
    columns.bytesUsed[count] = used[row]!;
    rows.count += 1;
  }
}
