import { type ChildProcess, spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { OptionError } from "../../errors.ts";
import { openQmp, type Qmp } from "../guest/qmp.ts";

const MIB = 2 ** 20;
const START_MS = 10_000;

/** A write of the trace: ns since the migration's start, bytes. */
export interface ReplayedWrite {
  readonly timeNs: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** What QEMU counted while it copied a disk that was written. */
export interface MirrorCounts {
  /** Bytes copied until nothing was dirty. */
  readonly sentBytes: number;
  /** The same less the disk. */
  readonly extraBytes: number;
  /** Until nothing was dirty for the first time, s; polled every 20 ms. */
  readonly readyS: number;
  /** Writes that were replayed before that. */
  readonly writes: number;
  /** How much later than the trace says the latest write was done, ms. */
  readonly latestMs: number;
  /** Whether both disks were equal afterwards. */
  readonly equal: boolean;
}

/**
 * Replays writes to a disk while QEMU mirrors it (`blockdev-mirror`, background, one block of 1 MiB at a time) over NBD to a target that
 * takes so many bytes a second, and gives QEMU's own count of what it copied. Two storage daemons and `qemu-io`, no guest. The
 * disk is full of random bytes, so that nothing is skipped as zeros. Takes as long as the copy.
 */
export async function captureMirror(
  writes: readonly ReplayedWrite[],
  { diskBytes, bytesPerS }: { readonly diskBytes: number; readonly bytesPerS: number },
): Promise<MirrorCounts> {
  const folder = await mkdtemp(join(tmpdir(), "veelab-mirror-"));
  const at = (name: string): string => join(folder, name);
  const running: ChildProcess[] = [];
  try {
    const bytes = new Uint8Array(diskBytes);
    for (let from = 0; from < diskBytes; from += MIB) randomFillSync(bytes, from, Math.min(MIB, diskBytes - from));
    await writeFile(at("source.img"), bytes);
    await writeFile(at("target.img"), "");
    await truncate(at("target.img"), diskBytes);
    running.push(
      daemon([
        ...["--object", `throttle-group,id=limit,x-bps-write=${bytesPerS}`],
        ...["--blockdev", `driver=file,node-name=file,filename=${at("target.img")}`],
        ...["--blockdev", "driver=throttle,node-name=slow,throttle-group=limit,file=file"],
        ...["--nbd-server", `addr.type=unix,addr.path=${at("target.nbd")}`],
        ...["--export", "type=nbd,id=export,node-name=slow,name=target,writable=on"],
      ]),
    );
    await appears(at("target.nbd"));
    running.push(
      daemon([
        ...["--chardev", `socket,id=monitor,path=${at("qmp")},server=on,wait=off`, "--monitor", "chardev=monitor"],
        ...["--blockdev", `driver=file,node-name=source,filename=${at("source.img")}`],
        ...["--blockdev", `driver=nbd,node-name=target,server.type=unix,server.path=${at("target.nbd")},export=target`],
        ...["--nbd-server", `addr.type=unix,addr.path=${at("source.nbd")}`],
        ...["--export", "type=nbd,id=export,node-name=source,name=source,writable=on"],
      ]),
    );
    await appears(at("source.nbd"));
    await appears(at("qmp"));
    const socket = connect(at("qmp"));
    const monitor = await openQmp(socket);
    const writer = spawn("qemu-io", ["-f", "raw", `nbd+unix:///source?socket=${at("source.nbd")}`], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    running.push(writer);
    const counts = await copy(monitor, writer, writes, diskBytes);
    await monitor.execute("quit");
    const [source, target] = await Promise.all([readFile(at("source.img")), readFile(at("target.img"))]);
    return { ...counts, equal: source.equals(target) };
  } finally {
    for (const child of running) child.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function copy(
  monitor: Qmp,
  writer: ChildProcess,
  writes: readonly ReplayedWrite[],
  diskBytes: number,
): Promise<Omit<MirrorCounts, "equal">> {
  await monitor.execute("blockdev-mirror", {
    ...{ "job-id": "copy", device: "source", target: "target", sync: "top", "copy-mode": "background" },
    ...{ granularity: MIB, "buf-size": MIB },
  });
  const replay = new Replay(writer, writes, performance.now());
  const replayed = replay.run();
  for (;;) {
    const [job] = await monitor.execute("query-block-jobs");
    if (job === undefined)
      throw new OptionError("blockdev-mirror", "a job that goes on until it is stopped", "its end");
    if (!job.ready) {
      await sleep(20);
      continue;
    }
    const readyS = (performance.now() - replay.startMs) / 1000;
    replay.stop();
    await replayed;
    await monitor.execute("block-job-cancel", { device: "copy" });
    while ((await monitor.execute("query-block-jobs")).length > 0) await sleep(20);
    const { done: writesDone, latestMs } = replay;
    return { sentBytes: job.offset, extraBytes: job.offset - diskBytes, readyS, writes: writesDone, latestMs };
  }
}

/** Writes, each when the trace says and not before the one before it is done. */
class Replay {
  readonly startMs: number;
  readonly #writer: ChildProcess;
  readonly #writes: readonly ReplayedWrite[];
  #stopped = false;
  done = 0;
  latestMs = 0;

  constructor(writer: ChildProcess, writes: readonly ReplayedWrite[], startMs: number) {
    this.#writer = writer;
    this.#writes = writes;
    this.startMs = startMs;
  }

  stop(): void {
    this.#stopped = true;
  }

  async run(): Promise<void> {
    // One line at a time: qemu-io leaves lines that came together unread until the next one comes.
    const lines = createInterface({ input: this.#writer.stdout! })[Symbol.asyncIterator]();
    for (const { timeNs, offsetBytes, sizeBytes } of this.#writes) {
      for (;;) {
        const leftMs = timeNs / 1e6 - (performance.now() - this.startMs);
        if (this.#stopped) return;
        if (leftMs <= 0) break;
        await sleep(Math.min(leftMs, 50));
      }
      this.#writer.stdin!.write(`write -P ${(this.done % 255) + 1} ${offsetBytes} ${sizeBytes}\n`);
      for (let line = await lines.next(); line.done !== true; line = await lines.next())
        if (line.value.includes(" ops; ")) break; // its second and last line
      this.latestMs = Math.max(this.latestMs, performance.now() - this.startMs - timeNs / 1e6);
      this.done++;
    }
  }
}

function daemon(args: readonly string[]): ChildProcess {
  return spawn("qemu-storage-daemon", args, { stdio: ["ignore", "ignore", "inherit"] });
}

async function appears(path: string): Promise<void> {
  for (let waited = 0; !existsSync(path); waited += 20) {
    if (waited > START_MS)
      throw new OptionError("mirror", "qemu-storage-daemon and qemu-io (Debian: qemu-system-common, qemu-utils)", path);
    await sleep(20);
  }
}
