import type { Socket } from "node:net";
import { gunzipSync } from "node:zlib";
import { OptionError } from "../../errors.ts";

/** What the guest says of its memory. */
export interface GuestSample {
  /** /proc/meminfo, in KiB. */
  readonly meminfo: ReadonlyMap<string, number>;
  /** /proc/vmstat: counts since the boot, and states. */
  readonly vmstat: ReadonlyMap<string, number>;
  /** /proc/kpageflags: 64 bits for each page frame, as Linux's Documentation/admin-guide/mm/pagemap.rst names them. */
  readonly flags: BigUint64Array;
}

/** The guest's control line: lines, and counted bytes. */
export class ControlLine {
  readonly #socket: Socket;
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(socket: Socket) {
    this.#socket = socket;
    this.#chunks = (socket as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  send(line: string): void {
    this.#socket.write(`${line}\n`);
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done === true) throw new OptionError("guest", "an answer on its control line", "its end");
    this.#rest = Buffer.concat([this.#rest, next.value]);
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(10);
      if (end >= 0) {
        const line = this.#rest.toString("latin1", 0, end);
        this.#rest = this.#rest.subarray(end + 1);
        return line;
      }
      await this.#more();
    }
  }

  async expect(word: string): Promise<void> {
    const line = await this.line();
    if (line !== word) throw new OptionError("guest", `${word} on its control line`, line);
  }

  /** A line with a length, and as many bytes. */
  async file(): Promise<Buffer> {
    const length = await this.line();
    const bytes = Number(length);
    if (!/^\d+$/.test(length)) throw new OptionError("guest", "a length on its control line", length);
    const parts: Buffer[] = [];
    let left = bytes;
    for (;;) {
      const part = this.#rest.subarray(0, left);
      parts.push(part);
      left -= part.length;
      this.#rest = this.#rest.subarray(part.length);
      if (left === 0) return Buffer.concat(parts);
      await this.#more();
    }
  }

  async sample(): Promise<GuestSample> {
    this.send("fetch");
    const meminfo = numbersOf(await this.file());
    const vmstat = numbersOf(await this.file());
    const bytes = gunzipSync(await this.file());
    const flags = new BigUint64Array(bytes.length >> 3);
    for (let page = 0; page < flags.length; page += 1) flags[page] = bytes.readBigUInt64LE(page * 8);
    return { meminfo, vmstat, flags };
  }
}

/** Lines of `name: number kB` or `name number`. */
function numbersOf(text: Buffer): ReadonlyMap<string, number> {
  return new Map(
    Array.from(text.toString("latin1").matchAll(/^(\S+?):?\s+(\d+)/gm), ([, name, value]) => [name!, Number(value)]),
  );
}
