import { TraceFormatError } from "../../errors.ts";

/** Bytes of a record of any plugin here, whose source says what is in it. */
export const recordBytes = 16;

/** Cuts what comes of a plugin's pipe into records. */
export class PluginRecords {
  readonly #file: string;
  #left = new Uint8Array(0);

  /** `file` names the pipe in errors. */
  constructor(file: string) {
    this.#file = file;
  }

  /** The records that are whole now, of four words each. */
  words(bytes: Uint8Array): Uint32Array {
    const all = this.#left.length === 0 ? bytes : Buffer.concat([this.#left, bytes]);
    const count = Math.floor(all.length / recordBytes);
    this.#left = Uint8Array.from(all.subarray(count * recordBytes));
    // Words are read where they lie when that is on a boundary of words.
    const aligned = all.byteOffset % 4 === 0 ? all : Uint8Array.from(all);
    return new Uint32Array(aligned.buffer, aligned.byteOffset, count * 4);
  }

  /** Throws TraceFormatError where the pipe ended inside a record. */
  end(): void {
    if (this.#left.length > 0)
      throw new TraceFormatError(
        { file: this.#file },
        `expected records of ${recordBytes} bytes, got ${this.#left.length} at the end`,
      );
  }
}
