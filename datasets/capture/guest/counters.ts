import type * as arrow from "apache-arrow";
import { traceRows } from "../../formats/rows.ts";
import type { GuestSample } from "./control-line.ts";

const layout = { dump: "uint32", timeNs: "float64", event: "words", value: "float64" } as const;

/** A guest has about 200 of them. */
const capacity = 1024;

/**
 * What the guest and QEMU say of its memory at each dump, as tables of one schema: `meminfo.MemFree` in KiB,
 * `vmstat.pgfault` as Linux counts it, `qemu.dirtyRate` in MiB a second where QEMU has measured one.
 */
export function counterRows(): (
  dump: number,
  timeNs: number,
  sample: GuestSample,
  dirtyRate: number | undefined,
) => arrow.RecordBatch {
  const rows = traceRows(layout, capacity);
  return (dump, timeNs, { meminfo, vmstat }, dirtyRate) => {
    const add = (event: string, value: number): void => {
      rows.columns.dump[rows.count] = dump;
      rows.columns.timeNs[rows.count] = timeNs;
      rows.columns.event.setText(rows.count, event);
      rows.columns.value[rows.count] = value;
      rows.count += 1;
    };
    for (const [name, value] of meminfo) add(`meminfo.${name}`, value);
    for (const [name, value] of vmstat) add(`vmstat.${name}`, value);
    if (dirtyRate !== undefined) add("qemu.dirtyRate", dirtyRate);
    return rows.take();
  };
}
