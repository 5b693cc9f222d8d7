import { commandOf, onlyFile, UsageError, wholeNumber } from "../../datasets/commands/arguments.ts";
import { progressLine } from "../../datasets/commands/progress-line.ts";
import { textTable } from "../../datasets/commands/text-table.ts";
import { stream } from "../../datasets/index.ts";
import { imagePages } from "../../datasets/readers/images/image-pages.ts";
import { fromRows } from "../core/table.ts";
import { buildDatabase } from "./build-database.ts";
import { readDatabase } from "./read-database.ts";
import { type Resident, residents } from "./residents.ts";

/** `veelab audit`. */
export const auditImage: (args: readonly string[]) => Promise<number> = commandOf({
  name: "veelab audit",
  help: `Usage: veelab audit [--packages DB] DUMP
       veelab audit --build DB.arrow PACKAGE.deb...

Names the programs and libraries, with their versions, whose code pages are resident in a guest's memory, and marks
those that are unpatched: for which the database has a newer version. It looks at the contents of pages alone, needs
nothing of the guest, and does not care what its package manager says. DUMP is an ELF core (QEMU's dump-guest-memory,
virsh dump --memory-only), or any image that veelab describe knows; a process's core holds code only where its
/proc/PID/coredump_filter was 0xff.

Kernel modules (lib/modules/*/*.ko of x86-64) are found, too, though the kernel relocates and rewrites their code; the kernel itself is not.
Packages of kernels of one flavour are versions of one package (linux-image-*-cloud-amd64).

Resident is not executing: old code that lies in memory as a file's copy, or was freed and not yet used again, is found, too.

  --packages DB      the database: an Arrow file that --build wrote, or a dataset of the catalogue; packages/code-pages (100
                     packages of Debian 12, in two versions) when not given
  --build DB.arrow   write a database of packages: of each, the newest version is up to date, the others are not (needs dpkg-deb)
  --json             print one JSON object a line
  --fail             exit with status 3 if something is unpatched, or if nothing of the database is there, so that nothing is known
  --as FORMAT        read DUMP as this format (raw-memory for an image without headers)
  --skip-bad N       leave out up to N records that cannot be read
  -h, --help         print this
`,
  options: {
    packages: { type: "string" },
    build: { type: "string" },
    json: { type: "boolean" },
    fail: { type: "boolean" },
    as: { type: "string" },
    "skip-bad": { type: "string" },
  },
  async run({ values, positionals }) {
    if (values.build !== undefined) {
      if (positionals.length === 0) throw new UsageError("--build: expected packages (.deb), got none");
      const newest = await buildDatabase(positionals, values.build);
      for (const [name, version] of newest) process.stderr.write(`${name}: up to date is ${version}\n`);
      return 0;
    }
    const dump = onlyFile("veelab audit", positionals);
    const skipBad = wholeNumber("skip-bad", values["skip-bad"]);
    const database = await readDatabase(stream(values.packages ?? "packages/code-pages"));
    const line = progressLine(dump);
    try {
      const found = await residents(
        stream(dump, {
          columns: ["hash"],
          ...(values.as === undefined ? {} : { as: values.as }),
          ...(skipBad === undefined ? {} : { skipBad }),
          onProgress: (read) => {
            line.update(read);
          },
        }),
        database,
        database.maskedPages > 0 ? imagePages(dump) : [],
      );
      line.end();
      process.stdout.write(values.json === true ? jsonLines(found) : tableText(found));
      const unpatched = found.filter(({ verdict }) => verdict === "unpatched").length;
      process.stderr.write(`${unpatched} unpatched of ${found.length} programs and libraries\n`);
      return values.fail === true && (unpatched > 0 || found.length === 0) ? 3 : 0;
    } finally {
      line.end();
    }
  },
});

const jsonLines = (found: readonly Resident[]): string => found.map((row) => `${JSON.stringify(row)}\n`).join("");

const tableText = (found: readonly Resident[]): string =>
  found.length === 0
    ? "none of the database's programs and libraries is there: nothing can be concluded\n"
    : textTable(
        fromRows(
          found.map(({ verdict, package: of, versions, pages, ofPages, file }) => ({
            verdict,
            package: of,
            version: versions.join(" or "),
            pages: `${pages} of ${ofPages}`,
            file,
          })),
        ),
      );
