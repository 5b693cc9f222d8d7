import type { Arrivals } from "./arrivals.ts";
import { beyond, type Machine } from "./machine.ts";
import type { Meter } from "./meter.ts";
import type { RequestCursor } from "./request-cursor.ts";

/** Requests once the virtual machine is at the destination. */
export function advanceMoved(
  requests: RequestCursor,
  arrivals: Arrivals,
  untilNs: number,
  meter: Meter,
  blockBytes: number,
  machine: Machine,
): boolean {
  const { timeNs, op, offsetBytes, sizeBytes } = requests.batch;
  const { diskBytes } = machine;
  const rows = timeNs.length;
  for (; requests.row < rows; requests.row++) {
    const row = requests.row;
    const at = Math.max(requests.nowNs, timeNs[row]! + requests.lagNs);
    if (at > untilNs) break;
    requests.nowNs = at;
    const size = sizeBytes[row]!;
    if (op[row]! > 1 || size === 0) continue;
    arrivals.arrive(at);
    const offset = offsetBytes[row]!;
    const first = Math.floor(offset / blockBytes);
    const last = Math.floor((offset + size - 1) / blockBytes);
    if (offset + size > diskBytes) throw beyond(offset, size, machine);
    meter.undisturbed(at, offset, size);
    if (op[row] === 1) {
      meter.writes++;
      arrivals.write(first, last, offset, size);
      meter.answered(meter.local(at, offset, size));
    } else {
      meter.reads++;
      if (arrivals.read(at, first, last, offset, size)) meter.answered(meter.local(at, offset, size));
    }
  }
  if (requests.row === rows) return false;
  arrivals.arrive(untilNs);
  return true;
}
