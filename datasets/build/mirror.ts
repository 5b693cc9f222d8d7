// Captures datasets/data/mirror/*.arrow.gz again and updates their catalogue entries (two minutes; needs qemu-storage-daemon and qemu-io).
// The times of two captures differ by milliseconds, so that a block may be sent once more or less:
//   node dist/datasets/build/mirror.js
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { captureMirror } from "../capture/mirror/capture-mirror.ts";
import { updateCatalogue } from "../catalogue-update.ts";
import { packageRoot } from "../package-root.ts";
import { field } from "./field.ts";

const folder = join(packageRoot(), "datasets");
const runs = [
  { workload: "fileserver", diskMegabytes: 160, megabytesPerS: 8 },
  { workload: "fileserver", diskMegabytes: 160, megabytesPerS: 16 },
  { workload: "compile", diskMegabytes: 160, megabytesPerS: 8 },
  { workload: "sqlite", diskMegabytes: 136, megabytesPerS: 8 },
  { workload: "sqlite", diskMegabytes: 136, megabytesPerS: 16 },
];

await mkdir(join(folder, "data/mirror"), { recursive: true });
for (const { workload, ...run } of runs) {
  const name = `mirror/${workload}-${run.megabytesPerS}`;
  const path = `data/${name}.arrow.gz`;
  const provenance = await captureMirror({ ...run, trace: `guest/blkio-${workload}`, out: join(folder, path) });
  await updateCatalogue(folder, [
    {
      name,
      path,
      title: `Writes to a disk while QEMU copied it at ${run.megabytesPerS} MiB/s, workload ${workload}`,
      description:
        "A row for each write that was done until nothing was dirty. sentBytes of the provenance is QEMU's own count of what it copied by then, readyNs how long it took; both disks were equal afterwards.",
      format: "arrow.gz",
      mediatype: "application/gzip",
      sources: [{ title: `veelab, captured with ${provenance["tool"]!} by ${provenance["command"]!}` }],
      licenses: [
        { name: "Apache-2.0", title: "Apache License 2.0", path: "https://www.apache.org/licenses/LICENSE-2.0" },
      ],
      rows: Number(provenance["writes"]),
      schema: {
        fields: [
          field("timeNs", "float64", "ns", "When the write began, since the copy's start"),
          field("op", "utf8", "", "write"),
          field("offsetBytes", "float64", "bytes", "Where on the disk"),
          field("sizeBytes", "float64", "bytes", "How much"),
          field("durationNs", "float64", "ns", "Until it was done"),
        ],
      },
      provenance,
    },
  ]);
}
