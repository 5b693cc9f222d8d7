// Captures datasets/data/tasks/processor.arrow.gz and datasets/data/profile/qemu.arrow.gz again and updates their catalogue entries (two minutes; needs a C
// compiler, qemu-system-x86 and linux-perf). Another machine gives other figures:
//   node dist/datasets/build/measured.js
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { captureTasks } from "../capture/tasks/task-costs.ts";
import { captureGuest } from "../capture/guest/capture-guest.ts";
import { updateCatalogue } from "../catalogue-update.ts";
import { stream } from "../open.ts";
import { packageRoot } from "../package-root.ts";
import { field } from "./field.ts";
import { writeArrow } from "../write/arrow.ts";

const folder = join(packageRoot(), "datasets");
const licenses = [
  { name: "Apache-2.0", title: "Apache License 2.0", path: "https://www.apache.org/licenses/LICENSE-2.0" },
];
const common = { format: "arrow.gz", mediatype: "application/gzip", licenses } as const;

async function rowsOf(path: string): Promise<number> {
  let rows = 0;
  for await (const batch of stream(path)) rows += batch.numRows;
  return rows;
}

await mkdir(join(folder, "data/tasks"), { recursive: true });
await mkdir(join(folder, "data/profile"), { recursive: true });

const tasks = "data/tasks/processor.arrow.gz";
const provenance = await captureTasks({ out: join(folder, tasks) });

const scratch = await mkdtemp(join(tmpdir(), "veelab-profile-"));
const profile = "data/profile/qemu.arrow.gz";
try {
  const data = join(scratch, "perf.data");
  const capture = captureGuest({
    workload: "sqlite",
    out: join(scratch, "guest"),
    tables: ["blocks"],
    accelerator: "tcg",
  });
  // QEMU is one of this process's descendants: the profile is of the whole machine, and kept are QEMU's samples.
  const perf = spawn("perf", ["record", "-q", "-a", "-g", "-e", "cpu-clock", "-F", "199", "-o", data, "sleep", "20"], {
    stdio: "ignore",
  });
  await Promise.all([capture, once(perf, "exit")]);
  const script = spawnSync("perf", ["script", "-i", data, "--comm", "qemu-system-x86"], {
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  const text = join(scratch, "profile.txt");
  const samples = script.stdout
    .split("\n\n")
    // The stack of a process that has just been started is sometimes read with the names of who started it.
    .filter((sample) => !sample.includes(`(${process.execPath})`))
    .join("\n\n");
  // What QEMU generated has no name, and perf calls it after a process number.
  await writeFile(text, samples.replace(/\/tmp\/perf-\d+\.map/g, "generated code"));
  await writeArrow(
    join(folder, profile),
    stream(text, { as: "perf-script", columns: ["timeNs", "process", "event", "weight", "stack"] }),
    {
      metadata: {
        tool: spawnSync("perf", ["--version"], { encoding: "utf8" }).stdout.trim(),
        "veelab.kind": "profile",
      },
    },
  );
} finally {
  await rm(scratch, { recursive: true, force: true });
}

await updateCatalogue(folder, [
  {
    ...common,
    name: "tasks/processor",
    path: tasks,
    title: "What five tasks cost on a processor, as three devices",
    description:
      "Mean times of triad, stencil, gemm, mandelbrot and cipher by the size of their data: on one core with scalar code, on one core with SIMD, on all cores with SIMD, where starting the threads is part of the cost. The slowest third of nine repetitions is left out.",
    sources: [{ title: `veelab capture tasks on ${provenance["processor"]!}, ${provenance["compiler"]!}` }],
    rows: await rowsOf(join(folder, tasks)),
    schema: {
      fields: [
        field("task", "utf8", "", "The task"),
        field("device", "utf8", "", "core; core, SIMD; all cores, SIMD"),
        field("sizeBytes", "float64", "B", "Bytes of the task's data"),
        field("meanSeconds", "float64", "s", "The mean time of a run"),
        field("deviationSeconds", "float64", "s", "The standard deviation of the repetitions' means"),
        field("runs", "uint32", "", "Runs that were averaged"),
      ],
    },
    provenance,
  },
  {
    ...common,
    name: "profile/qemu",
    path: profile,
    title: "Profile of QEMU while its guest works",
    description:
      "Samples of the processor clock (199 a second and processor) of QEMU's translator while a Debian guest does SQLite transactions: what a profiler of the host sees of a virtual machine. Frames of translated guest code have no name.",
    sources: [{ title: "veelab, by perf record and perf script of linux-perf, QEMU 7.2" }],
    rows: await rowsOf(join(folder, profile)),
    schema: {
      fields: [
        field("timeNs", "float64", "ns", "Time since the first sample"),
        field("process", "utf8", "", "The thread's name"),
        field("event", "utf8", "", "perf's event"),
        field("weight", "float64", "ns", "The sample's period"),
        field("stack", "utf8", "", "The stack, root first, frames joined by ;"),
      ],
    },
    provenance: {
      command:
        "perf record -a -g -e cpu-clock -F 199 during veelab capture guest --workload sqlite; perf script --comm qemu-system-x86",
    },
  },
]);
