import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { constants, copyFile, mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { OptionError } from "../../errors.ts";
import { ControlLine, type GuestSample } from "./control-line.ts";
import type { GuestImage } from "./image.ts";
import { openQmp, type Qmp } from "./qmp.ts";

/** What emulates or runs the guest's processor. */
export type Accelerator = "kvm" | "tcg";

/** How a guest is started. */
export interface MachineOptions {
  readonly image: GuestImage;
  readonly accelerator: Accelerator;
  readonly memoryMegabytes: number;
  /** What the disk is: NVMe, whose requests the log tells with the guest's pages, or virtio, with which QEMU can migrate; NVMe when not given. */
  readonly bus?: "nvme" | "virtio";
  /** QEMU's trace events that go to the log, by name or pattern. */
  readonly events?: readonly string[];
  /** Further arguments of QEMU, when the capture's folder is known. */
  readonly more?: (folder: string) => readonly string[];
  /** How long the guest may take until it is ready. */
  readonly bootSeconds?: number;
  /** Ends the guest; what waits for it rejects. */
  readonly signal?: AbortSignal;
}

/** A running guest. */
export interface Machine {
  readonly qmp: Qmp;
  /** A folder for this capture's files and pipes; gone at the end. */
  readonly folder: string;
  /** The guest's disk, in raw format. */
  readonly disk: string;
  /** Where the events go, with time stamps. */
  readonly log: string;
  /** Starts a workload; resolves when it has ended, rejects when it failed. */
  run(workload: string, rounds: number, seed: number): Promise<void>;
  /** The guest's own view of its memory; `meanwhile` runs right after the guest has taken it. */
  sample(meanwhile?: () => Promise<void>): Promise<GuestSample>;
  /** Makes the guest write out what it holds. */
  sync(): Promise<void>;
  /** A file of the guest. */
  file(path: string): Promise<Buffer>;
  /** Ends QEMU in order, so that all it writes is written. */
  quit(): Promise<void>;
}

/**
 * Starts a guest, hands it over when it is ready, and ends it: whatever happens, no process and no file of it is left.
 * QEMU runs in a process group of its own, and the system ends it when this process dies.
 *
 * Throws OptionError when QEMU is missing or ends early, or the guest is not ready in time, with the last line that
 * was said.
 */
export async function withMachine<T>(options: MachineOptions, use: (machine: Machine) => Promise<T>): Promise<T> {
  const { image, signal } = options;
  signal?.throwIfAborted();
  const folder = await mkdtemp(join(tmpdir(), "veelab-guest-"));
  const disk = join(folder, "disk");
  const log = join(folder, "log");
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  let child: ChildProcess | undefined;
  const kill = (): void => {
    endGroup(child);
  };
  process.once("exit", kill);
  try {
    if (image.disk !== undefined) await copyFile(image.disk, disk, constants.COPYFILE_FICLONE);
    const accept = async (name: string): Promise<{ readonly socket: Promise<Socket> }> => {
      const server = createServer();
      servers.push(server);
      server.listen(join(folder, name));
      await once(server, "listening");
      const socket = once(server, "connection").then(([connection]: Socket[]) => {
        sockets.push(connection!);
        return connection!;
      });
      return { socket };
    };
    const [toQmp, toConsole, toControl] = [await accept("qmp"), await accept("console"), await accept("control")];
    const words = new LastWords();
    // setpriv is util-linux's: essential in Debian.
    child = spawn("setpriv", ["--pdeathsig", "KILL", "qemu-system-x86_64", ...qemuArguments(options, folder)], {
      detached: true,
      stdio: ["ignore", "ignore", "pipe"],
    });
    child.stderr!.on("data", (chunk: Buffer) => {
      words.add(chunk);
    });
    const closed = once(child, "close");
    // A failure to start is told by `failed`.
    closed.catch(() => undefined);
    let quitting = false;
    const failed = new Promise<never>((_, reject) => {
      child!.once("error", reject);
      child!.once("close", () => {
        if (quitting) return;
        reject(new OptionError("qemu", "the guest to run until it is stopped", words.last() ?? "QEMU's end"));
      });
      signal?.addEventListener("abort", () => {
        reject(signal.reason as Error);
      });
    });
    failed.catch(() => undefined);
    const whileAlive = <R>(work: Promise<R>): Promise<R> => Promise.race([work, failed]);

    const consoleLines = await whileAlive(toConsole.socket);
    const endings = listen(consoleLines, words);
    const qmp = await whileAlive(toQmp.socket.then(openQmp));
    const control = new ControlLine(await whileAlive(toControl.socket));
    await whileAlive(inTime(control.expect("READY"), options.bootSeconds ?? 120, words));
    const machine: Machine = {
      qmp,
      folder,
      disk,
      log,
      async run(workload, rounds, seed) {
        const ended = endings.next();
        control.send(`run ${workload} ${rounds} ${seed}`);
        const status = await whileAlive(ended);
        if (status !== 0) throw new OptionError("workload", `${workload} to succeed in the guest`, words.last());
      },
      async sample(meanwhile) {
        control.send("sample");
        await whileAlive(control.expect("SAMPLED"));
        await meanwhile?.();
        return whileAlive(control.sample());
      },
      async sync() {
        control.send("sync");
        await whileAlive(control.expect("SYNCED"));
      },
      async file(path) {
        control.send(`get ${path}`);
        return gunzipSync(await whileAlive(control.file()));
      },
      async quit() {
        quitting = true;
        await qmp.execute("quit");
        await closed;
      },
    };
    return await whileAlive(use(machine));
  } finally {
    process.removeListener("exit", kill);
    kill();
    if (child?.exitCode === null && child.signalCode === null && child.pid !== undefined) await once(child, "close");
    for (const socket of sockets) socket.destroy();
    for (const server of servers) server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function qemuArguments(options: MachineOptions, folder: string): readonly string[] {
  const { image, accelerator, memoryMegabytes, bus = "nvme" } = options;
  const socket = (name: string): string[] => ["-chardev", `socket,id=${name},path=${join(folder, name)}`];
  return [
    ...["-accel", accelerator, "-m", String(memoryMegabytes), "-smp", "1", "-display", "none", "-nodefaults"],
    // A memory file of a known name, so that a plugin finds where the guest's memory lies.
    ...["-object", `memory-backend-memfd,id=ram,size=${memoryMegabytes}M`, "-machine", "pc,memory-backend=ram"],
    ...[...socket("qmp"), ...socket("console"), ...socket("control")],
    ...["-mon", "chardev=qmp,mode=control", "-serial", "chardev:console", "-serial", "chardev:control"],
    ...(image.disk === undefined
      ? []
      : [
          ...["-drive", `file=${join(folder, "disk")},if=none,id=disk,format=raw,cache=unsafe`],
          ...["-device", bus === "nvme" ? "nvme,drive=disk,serial=veelab" : "virtio-blk-pci,drive=disk"],
        ]),
    ...["-kernel", image.kernel, ...(image.initramfs === undefined ? [] : ["-initrd", image.initramfs])],
    ...["-append", `console=ttyS0 quiet nokaslr root=/dev/${bus === "nvme" ? "nvme0n1" : "vda"} rw init=/init`],
    ...["-msg", "timestamp=on", "-D", join(folder, "log")],
    ...(options.events ?? []).flatMap((event) => ["-trace", event]),
    ...(options.more?.(folder) ?? []),
  ];
}

/** Ends a process and all that it started. */
function endGroup(child: ChildProcess | undefined): void {
  if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** The last line of what QEMU and the guest's console said. */
class LastWords {
  #text = "";

  add(chunk: Buffer | string): void {
    this.#text = (this.#text + String(chunk)).slice(-2000);
  }

  last(): string | undefined {
    const lines = this.#text.split(/[\r\n]+/).filter((line) => line.trim() !== "" && !line.startsWith("veelab: "));
    return lines.at(-1);
  }
}

/** The statuses of workloads that have ended, as the guest's console tells them. */
function listen(socket: Socket, words: LastWords): { next(): Promise<number> } {
  const waiting: ((status: number) => void)[] = [];
  let rest = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    words.add(chunk);
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const ended = /^veelab: ended (\d+)/.exec(line);
      if (ended !== null) waiting.shift()?.(Number(ended[1]));
    }
  });
  return { next: () => new Promise((resolve) => waiting.push(resolve)) };
}

async function inTime<T>(work: Promise<T>, seconds: number, words: LastWords): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(
        new OptionError("guest", `the guest to be ready in ${seconds} s`, words.last() ?? "nothing on its console"),
      );
    }, seconds * 1000);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
