import { availableParallelism, cpus, freemem, hostname, totalmem } from "node:os";
import type { Replies } from "../protocol/messages.ts";

/** Processor times that have passed since the kernel and the machine started: of the kernel's threads, ms; of the machine, in its own ticks. */
interface Times {
  readonly atMs: number;
  readonly kernelMs: number;
  readonly busy: number;
  readonly total: number;
}

function times(): Times {
  const { user, system } = process.cpuUsage();
  let [busy, total] = [0, 0];
  for (const { times: each } of cpus()) {
    const all = each.user + each.nice + each.sys + each.irq + each.idle;
    total += all;
    busy += all - each.idle;
  }
  return { atMs: performance.now(), kernelMs: (user + system) / 1000, busy, total };
}

const percent = (part: number, whole: number): number => (whole > 0 ? (100 * part) / whole : 0);

/**
 * What a `usage_request` is answered with, as ipykernel does: processor time in per cent (of one processor for the kernel) since the
 * request before or the start, memory in bytes. Processes that cells have started are not counted.
 */
export function createUsage(): () => Replies["usage_request"] {
  let before: Times = { atMs: 0, kernelMs: 0, busy: 0, total: 0 };
  return () => {
    const now = times();
    const [total, available] = [totalmem(), freemem()];
    const used = total - available;
    const usage = {
      hostname: hostname(),
      pid: process.pid,
      kernel_cpu: percent(now.kernelMs - before.kernelMs, now.atMs - before.atMs),
      kernel_memory: process.memoryUsage.rss(),
      cpu_count: availableParallelism(),
      host_cpu_percent: percent(now.busy - before.busy, now.total - before.total),
      host_virtual_memory: { total, available, used, percent: percent(used, total) },
    };
    before = now;
    return usage;
  };
}
