/** An answer's state and length in bytes, then the answer. */
const headBytes = 8;
const state = 0;
const length = 1;

/** What one may type or paste as an answer, bytes; no page of it is there before it is written. */
const maxBytes = 1 << 20;

/** Memory for one answer, for a thread that waits for it without giving itself back. */
export function createAnswerMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(headBytes + maxBytes);
}

/** Puts the answer there, cut at 1 MiB, and wakes the thread. */
export function putAnswer(memory: SharedArrayBuffer, value: string): void {
  const control = new Int32Array(memory, 0, 2);
  // Encoded aside and copied, as an encoder writes to no shared memory.
  const bytes = new Uint8Array(maxBytes);
  const { written } = new TextEncoder().encodeInto(value, bytes);
  new Uint8Array(memory, headBytes).set(bytes.subarray(0, written));
  control[length] = written;
  Atomics.store(control, state, 1);
  Atomics.notify(control, state);
}

/** Blocks until the answer is there, and gives it. */
export function awaitAnswer(memory: SharedArrayBuffer): string {
  const control = new Int32Array(memory, 0, 2);
  Atomics.wait(control, state, 0);
  // A copy, as a decoder takes no shared memory.
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(
    new Uint8Array(memory, headBytes, control[length]).slice(),
  );
}
