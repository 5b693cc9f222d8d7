import { type ChildProcess, spawn } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { type FileHandle, mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { OptionError } from "../../errors.ts";
import { openQmp, type QmpEvent } from "../guest/qmp.ts";
import { type DiskWrite, Replay, type ReplayedWrite } from "./replay.ts";

const MIB = 2 ** 20;
const START_MS = 10_000;

/** What QEMU did while it copied a disk that was written. */
export interface MirrorRun {
  /** Bytes copied until nothing was dirty. */
  readonly sentBytes: number;
  /** Until nothing was dirty for the first time, ns. */
  readonly readyNs: number;
  /** The writes that were done before that, at the times at which they happened, since the copy's start. */
  readonly writes: readonly ReplayedWrite[];
  /** How much later than the trace says the latest write began, ns. */
  readonly latestNs: number;
}

/**
 * Replays writes to a disk while QEMU mirrors it (`blockdev-mirror`, background, one block of 1 MiB at a time) over NBD to a target that
 * takes so many bytes a second. Two storage daemons and `qemu-io`, no guest. The disk is full of random bytes, so that nothing is
 * skipped as zeros. Takes as long as the copy. OptionError when a program fails, or when the disks are not equal afterwards.
 */
export async function mirrorRun(
  writes: readonly DiskWrite[],
  given: { readonly diskBytes: number; readonly bytesPerS: number; readonly signal?: AbortSignal },
): Promise<MirrorRun> {
  const { diskBytes, bytesPerS } = given;
  const signal = given.signal === undefined ? {} : { signal: given.signal };
  const folder = await mkdtemp(join(tmpdir(), "veelab-mirror-"));
  const at = (name: string): string => join(folder, name);
  const running: ChildProcess[] = [];
  const failures: Promise<never>[] = [];
  const start = (program: string, args: readonly string[], stdio: "pipe" | "ignore"): ChildProcess => {
    const child = spawn(program, args, { ...signal, stdio: [stdio, stdio, "pipe"] });
    running.push(child);
    failures.push(failureOf(child, program));
    return child;
  };
  const orFailure = <T>(work: Promise<T>): Promise<T> => Promise.race([work, ...failures]);
  try {
    await fillRandom(at("source.img"), diskBytes);
    await writeFile(at("target.img"), "");
    await truncate(at("target.img"), diskBytes);
    start(
      "qemu-storage-daemon",
      [
        ...["--object", `throttle-group,id=limit,x-bps-write=${bytesPerS}`],
        ...["--blockdev", `driver=file,node-name=file,filename=${at("target.img")}`],
        ...["--blockdev", "driver=throttle,node-name=slow,throttle-group=limit,file=file"],
        ...["--nbd-server", `addr.type=unix,addr.path=${at("target.nbd")}`],
        ...["--export", "type=nbd,id=export,node-name=slow,name=target,writable=on"],
      ],
      "ignore",
    );
    await orFailure(appears(at("target.nbd")));
    start(
      "qemu-storage-daemon",
      [
        ...["--chardev", `socket,id=monitor,path=${at("qmp")},server=on,wait=off`, "--monitor", "chardev=monitor"],
        ...["--blockdev", `driver=file,node-name=source,filename=${at("source.img")}`],
        ...["--blockdev", `driver=nbd,node-name=target,server.type=unix,server.path=${at("target.nbd")},export=target`],
        ...["--nbd-server", `addr.type=unix,addr.path=${at("source.nbd")}`],
        ...["--export", "type=nbd,id=export,node-name=source,name=source,writable=on"],
      ],
      "ignore",
    );
    await orFailure(Promise.all([appears(at("source.nbd")), appears(at("qmp"))]));
    const writer = start("qemu-io", ["-f", "raw", `nbd+unix:///source?socket=${at("source.nbd")}`], "pipe");
    const run = await orFailure(copy(at("qmp"), writer, writes));
    await sameContents(at("source.img"), at("target.img"));
    return run;
  } finally {
    for (const child of running) child.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function copy(socket: string, writer: ChildProcess, writes: readonly DiskWrite[]): Promise<MirrorRun> {
  let isReady: (sentBytes: number) => void;
  let isOver: (end: string) => void;
  const ready = new Promise<number>((resolve) => (isReady = resolve));
  const over = new Promise<string>((resolve) => (isOver = resolve));
  const monitor = await openQmp(connect(socket), ({ event, data }: QmpEvent) => {
    if (event === "BLOCK_JOB_READY") isReady((data as { readonly offset: number }).offset);
    if (event === "BLOCK_JOB_COMPLETED" || event === "BLOCK_JOB_ERROR") isOver(event);
  });
  // The copy begins before QEMU's answer is here.
  const startMs = performance.now();
  await monitor.execute("blockdev-mirror", {
    ...{ "job-id": "copy", device: "source", target: "target", sync: "top", "copy-mode": "background" },
    ...{ granularity: MIB, "buf-size": MIB },
  });
  const replay = new Replay(writer, startMs);
  const early = over.then((end): never => {
    throw new OptionError("blockdev-mirror", "a job that goes on until it is stopped", end);
  });
  const end = Promise.race([ready, early]).then((sentBytes) => {
    const readyNs = replay.nowNs;
    replay.stop();
    return { sentBytes, readyNs };
  });
  const [{ sentBytes, readyNs }] = await Promise.all([end, replay.run(writes)]);
  early.catch(() => undefined); // from now on it may end
  await monitor.execute("block-job-cancel", { device: "copy" });
  await over;
  await monitor.execute("quit");
  const done = replay.done.filter(({ timeNs }) => timeNs <= readyNs);
  return { sentBytes, readyNs, writes: done, latestNs: replay.latestNs };
}

/** Rejects when a program ends before it has done its work, with the last that it said. */
function failureOf(child: ChildProcess, program: string): Promise<never> {
  let said = "";
  child.stderr!.setEncoding("utf8").on("data", (text: string) => (said = `${said}${text}`.slice(-1000)));
  const failure = (async (): Promise<never> => {
    const [status] = (await once(child, "close")) as [number | null];
    if (status === 0) return new Promise(() => undefined);
    throw new OptionError(program, "to run until the copy is done", said.trim() || `its end with status ${status}`);
  })();
  failure.catch(() => undefined); // whoever waits is told
  return failure;
}

async function fillRandom(path: string, size: number): Promise<void> {
  const file = await open(path, "w");
  try {
    const bytes = new Uint8Array(MIB);
    for (let left = size; left > 0; left -= MIB)
      await file.write(randomFillSync(bytes.subarray(0, Math.min(MIB, left))));
  } finally {
    await file.close();
  }
}

async function sameContents(source: string, target: string): Promise<void> {
  const files: FileHandle[] = [];
  try {
    for (const path of [source, target]) files.push(await open(path));
    const [one, other] = [Buffer.alloc(MIB), Buffer.alloc(MIB)];
    for (let at = 0; ; at += MIB) {
      const { bytesRead } = await files[0]!.read(one, 0, MIB, at);
      await files[1]!.read(other, 0, MIB, at);
      if (bytesRead === 0) return;
      if (!one.subarray(0, bytesRead).equals(other.subarray(0, bytesRead)))
        throw new OptionError("blockdev-mirror", "equal disks", `another block at ${at}`);
    }
  } finally {
    for (const file of files) await file.close();
  }
}

async function appears(path: string): Promise<void> {
  for (let waited = 0; !existsSync(path); waited += 20) {
    if (waited > START_MS) throw new OptionError("qemu-storage-daemon", `a socket within ${START_MS / 1000} s`, "none");
    await sleep(20);
  }
}
