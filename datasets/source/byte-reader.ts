import { type FileHandle, open } from "node:fs/promises";

/** Bytes in order: `read` gives what was asked for, or fewer at the end. */
export interface ByteReader {
  /** Bytes read so far. */
  readonly offset: number;
  read(length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Reads a file in order. A length beyond its end costs no memory. */
export async function fileBytes(path: string): Promise<ByteReader> {
  const handle: FileHandle = await open(path);
  const { size } = await handle.stat();
  let offset = 0;
  return {
    get offset() {
      return offset;
    },
    async read(length) {
      const bytes = new Uint8Array(Math.min(length, Math.max(0, size - offset)));
      let read = 0;
      while (read < bytes.length) {
        const { bytesRead } = await handle.read(bytes, read, bytes.length - read, offset + read);
        if (bytesRead === 0) break;
        read += bytesRead;
      }
      offset += read;
      return bytes.subarray(0, read);
    },
    close: () => handle.close(),
  };
}

/** Reads chunks in order. */
export function chunkBytes(chunks: AsyncGenerator<Uint8Array, void>): ByteReader {
  let rest = new Uint8Array(0) as Uint8Array;
  let offset = 0;
  return {
    get offset() {
      return offset;
    },
    async read(length) {
      const parts: Uint8Array[] = [];
      let held = 0;
      while (held < length) {
        if (rest.length === 0) {
          const next = await chunks.next();
          if (next.done === true) break;
          rest = next.value;
        }
        const part = rest.subarray(0, length - held);
        rest = rest.subarray(part.length);
        parts.push(part);
        held += part.length;
      }
      offset += held;
      const bytes = new Uint8Array(held);
      let at = 0;
      for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
      }
      return bytes;
    },
    async close() {
      await chunks.return();
    },
  };
}
