import { beyond, type Machine } from "./machine.ts";
import type { Settings } from "./options.ts";
import type { Sequencer } from "./order.ts";
import type { RequestCursor } from "./request-cursor.ts";

/** Shows the orders the requests before the start. One at the very start is the migration's. */
export function remember(
  requests: RequestCursor,
  untilNs: number,
  settings: Settings,
  machine: Machine,
  orders: readonly (Sequencer | undefined)[],
): boolean {
  const { timeNs, op, offsetBytes, sizeBytes } = requests.batch;
  const { blockBytes, startNs } = settings;
  const { diskBytes } = machine;
  const rows = timeNs.length;
  const [bulk, follow] = orders;
  let row = requests.row;
  let now = requests.nowNs;
  for (; row < rows; row++) {
    const at = timeNs[row]!;
    if (at > untilNs || at >= startNs) break;
    if (at > now) now = at;
    const kind = op[row]!;
    const size = sizeBytes[row]!;
    if (kind > 1 || size === 0) continue;
    const offset = offsetBytes[row]!;
    const first = Math.floor(offset / blockBytes);
    const last = Math.floor((offset + size - 1) / blockBytes);
    if (offset + size > diskBytes) throw beyond(offset, size, machine);
    if (kind === 1) {
      bulk?.write?.(first, last);
      follow?.write?.(first, last);
    } else {
      bulk?.read?.(first, last);
      follow?.read?.(first, last);
    }
  }
  requests.row = row;
  requests.nowNs = now;
  return row < rows;
}
