// Copies a disk under a trace's writes with QEMU and prints its counts, for the comparison in notebooks/storage-migration.ipynb:
// node dist/datasets/capture/mirror/main.js TRACE DISK_MIB MIB_PER_S
import { stream } from "../../open.ts";
import { captureMirror, type ReplayedWrite } from "./capture-mirror.ts";

const [trace = "guest/blkio-sqlite", diskMib = "136", mibPerS = "8"] = process.argv.slice(2);
const writes: ReplayedWrite[] = [];
for await (const batch of stream(trace))
  for (const row of batch) {
    const { timeNs, op, offsetBytes, sizeBytes } = row.toJSON() as Record<string, unknown>;
    if (op === "write")
      writes.push({ timeNs: Number(timeNs), offsetBytes: Number(offsetBytes), sizeBytes: Number(sizeBytes) });
  }
const counts = await captureMirror(writes, {
  diskBytes: Number(diskMib) * 2 ** 20,
  bytesPerS: Number(mibPerS) * 2 ** 20,
});
console.log(JSON.stringify({ trace, diskMib: Number(diskMib), mibPerS: Number(mibPerS), ...counts }));
