// Builds the program of datasets/capture/executions and captures datasets/data/executions/*.arrow.gz again, with their catalogue entries (half a
// minute; needs qemu-user and a C compiler). No two captures are equal, as threads run at once; another compiler makes another program:
//   node dist/datasets/build/executions.js
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromArrays } from "apache-arrow";
import { buildKernels, captureExecution } from "../capture/executions/capture-execution.ts";
import { output } from "../capture/output.ts";
import { type Unmeasured, updateCatalogue } from "../catalogue-update.ts";
import { packageRoot } from "../package-root.ts";
import { writeArrow } from "../write/arrow.ts";
import { field } from "./field.ts";

const folder = join(packageRoot(), "datasets");

const fields = [
  field("thread", "uint16", "", "The thread, numbered as they are created; 0 is the program's first"),
  field("event", "uint8", "", "0 a block of instructions, 1 a read, 2 a write, 3 a mutex taken, 4 its release"),
  field(
    "pc",
    "float64",
    "bytes",
    "Link-time address: of the block, of the accessing instruction, of the call that locks or unlocks",
  ),
  field("address", "float64", "bytes", "Address of the data or of the mutex; 0 of a block"),
  field("size", "uint16", "bytes", "Bytes of the access; of a block its instructions; 0 of a lock or unlock"),
];

const common = {
  format: "arrow.gz",
  mediatype: "application/gzip",
  licenses: [{ name: "Apache-2.0", title: "Apache License 2.0", path: "https://www.apache.org/licenses/LICENSE-2.0" }],
} as const;

/** Threads, operations of each, what is said of it; operations so that a table has some hundred thousand rows. */
const runs = {
  reservations: [4, 220, "clients book and cancel offers that a hash table holds"],
  clusters: [4, 250, "points are added to the sums of the nearest of eight centres"],
  packets: [4, 250, "fragments pass through a bounded queue into a sorted list of flows; two sections an operation"],
  transfers: [4, 600, "money moves between 128 accounts, and one operation of 64 adds them all up"],
} as const;

const scratch = await mkdtemp(join(tmpdir(), "veelab-build-"));
try {
  await mkdir(join(folder, "data/executions"), { recursive: true });
  const program = join(scratch, "kernels");
  await buildKernels(program);
  const compiler = (await output("cc", ["--version"], "gcc")).split("\n")[0]!;
  const bytes = await readFile(program);
  const path = "data/executions/kernels.arrow.gz";
  await writeArrow(join(folder, path), tableFromArrays({ byte: Uint8Array.from(bytes) }).batches);
  const entries: Unmeasured[] = [
    {
      ...common,
      name: "executions/kernels",
      path,
      title: "The program whose executions are recorded: an ELF file for x86-64, byte by byte",
      description:
        "datasets/capture/executions/kernels.c, linked statically at a fixed address, with symbols and without debug information.",
      sources: [
        { title: `veelab, compiled with ${compiler}` },
        { title: "GNU C library 2.36, of which it holds parts", path: "https://sources.debian.org/src/glibc/2.36-9/" },
      ],
      licenses: [
        ...common.licenses,
        {
          name: "LGPL-2.1-or-later",
          title: "GNU C library's",
          path: "https://www.gnu.org/licenses/old-licenses/lgpl-2.1.html",
        },
      ],
      rows: bytes.length,
      schema: { fields: [field("byte", "uint8", "", "A byte of the file")] },
      provenance: { compiler },
    },
  ];
  for (const [name, [threads, operations, what]] of Object.entries(runs)) {
    const path = `data/executions/${name}.arrow.gz`;
    const args = [name, String(threads), String(operations), "1"];
    const provenance = await captureExecution({ program, args, out: join(folder, path) });
    entries.push({
      ...common,
      name: `executions/${name}`,
      path,
      title: `Blocks, accesses and locks of a kernel with ${threads} threads: ${name}`,
      description: `A whole run of executions/kernels: ${what}, under one mutex. Every block, read and write of every thread in one order; what the kernel reads and writes is not seen.`,
      sources: [{ title: `veelab, captured with ${provenance["tool"]!} from ${provenance["command"]!}` }],
      rows: Number(provenance["rows"]),
      schema: { fields },
      provenance,
    });
  }
  await updateCatalogue(folder, entries);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
