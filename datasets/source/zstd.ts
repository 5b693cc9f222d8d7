import { Decompress } from "fzstd";

/** The largest window that is taken, as by the zstd command without `--long`: a frame may ask for 2 GiB. */
const largestWindow = 128 * 1024 * 1024;

/**
 * Decompresses zstd frames (RFC 8878), also concatenated ones. Throws an Error when one is damaged or cut; its checksum is not
 * compared. Linear time; memory for the frame's window.
 */
export async function* zstdChunks(chunks: AsyncGenerator<Uint8Array, void>): AsyncGenerator<Uint8Array, void> {
  let ready: Uint8Array[] = [];
  let ended = false as boolean;
  const stream = new Decompress((data, final) => {
    if (data.length > 0) ready.push(data.slice());
    ended = final === true;
  });
  let first = true;
  for await (const chunk of chunks) {
    if (first) checkWindow(chunk);
    first = false;
    // A frame's ratio is bounded by its blocks: small pieces keep what is waiting small.
    for (let at = 0; at < chunk.length; at += pieceBytes) {
      stream.push(chunk.subarray(at, at + pieceBytes));
      yield* ready;
      ready = [];
    }
  }
  stream.push(new Uint8Array(0), true);
  yield* ready;
  if (!ended) throw new Error("a zstd frame that is cut");
}

const pieceBytes = 64 * 1024;

function checkWindow(frame: Uint8Array): void {
  const descriptor = frame[4] ?? 0;
  const singleSegment = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!;
  let window = 0;
  if (singleSegment) {
    const sizeBytes = [1, 2, 4, 8][descriptor >> 6]!;
    for (let at = sizeBytes - 1; at >= 0; at -= 1) window = window * 256 + (frame[5 + dictionaryBytes + at] ?? 0);
  } else {
    const byte = frame[5] ?? 0;
    window = 2 ** (10 + (byte >> 3)) * (1 + (byte & 7) / 8);
  }
  if (window > largestWindow) throw new Error(`a zstd window of ${window} bytes; at most ${largestWindow} are taken`);
}
