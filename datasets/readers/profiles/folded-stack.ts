const space = 32;
const openParenthesis = 40;
const closeParenthesis = 41;
const slash = 47;
const colon = 58;
const semicolon = 59;
const plus = 43;
const zero = 48;
const x = 120;

const unknown = Buffer.from("[unknown]");
const deleted = Buffer.from(" (deleted))");

const isHex = (byte: number): boolean => (byte >= 48 && byte <= 57) || ((byte | 32) >= 97 && (byte | 32) <= 102);

/**
 * A stack that is folded while its frames are read, leaf first: `root;…;leaf`. It is written from the buffer's end, as each
 * frame stands before those that were read.
 */
export class FoldedStack {
  /** The folded stack is `bytes[start, bytes.length)`. */
  bytes: Uint8Array = new Uint8Array(4096);
  start = 4096;

  clear(): void {
    this.start = this.bytes.length;
  }

  /**
   * Adds the frame `address symbol+0xoffset (module)` in `from[start, end)`; false where it is none. The symbol loses its offset, and its
   * semicolons become colons; one without symbol is its module's name in brackets.
   */
  add(from: Uint8Array, start: number, end: number): boolean {
    let at = start;
    while (at < end && isHex(from[at]!)) at += 1;
    if (at === start || (at < end && from[at] !== space)) return false;
    if (at < end) at += 1;
    let symbolEnd = end;
    let module = end;
    if (from[end - 1] === closeParenthesis) {
      module = end - (endsWith(from, at, end, deleted) ? deleted.length : 0);
      // The symbol may be empty, and has parentheses of its own in C++.
      while (module > at && !(from[module] === openParenthesis && from[module - 1] === space)) module -= 1;
      if (module > at) symbolEnd = module - 1;
      else if (from[at] === openParenthesis) {
        module = at;
        symbolEnd = at;
      } else module = end;
    }
    const nameEnd = withoutOffset(from, at, symbolEnd);
    if (nameEnd > at && !equals(from, at, nameEnd, unknown)) this.#prepend(from, at, nameEnd);
    else this.#prependModule(from, module, end);
    return true;
  }

  #prependModule(from: Uint8Array, open: number, end: number): void {
    let to = end - 1;
    if (endsWith(from, open, end, deleted)) to = end - deleted.length;
    let at = to;
    while (at > open + 1 && from[at - 1] !== slash) at -= 1;
    if (at >= to || equals(from, at, to, unknown)) {
      this.#prepend(unknown, 0, unknown.length);
      return;
    }
    const bracketed = Buffer.concat([unknown.subarray(0, 1), from.subarray(at, to), unknown.subarray(-1)]);
    // Names such as [kernel.kallsyms] have their brackets.
    if (from[at] === unknown[0]) this.#prepend(bracketed, 1, bracketed.length - 1);
    else this.#prepend(bracketed, 0, bracketed.length);
  }

  #prepend(from: Uint8Array, start: number, end: number): void {
    const length = end - start + 1;
    if (length > this.start) this.#grow(length);
    const { bytes } = this;
    let to = this.start;
    if (to < bytes.length) bytes[--to] = semicolon;
    for (let at = end - 1; at >= start; at -= 1) {
      const byte = from[at]!;
      bytes[--to] = byte === semicolon ? colon : byte;
    }
    this.start = to;
  }

  #grow(more: number): void {
    const used = this.bytes.length - this.start;
    const larger = new Uint8Array(2 * (used + more));
    larger.set(this.bytes.subarray(this.start), larger.length - used);
    this.bytes = larger;
    this.start = larger.length - used;
  }
}

/** Where `+0x…` begins at the end of a symbol. */
function withoutOffset(from: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && isHex(from[at - 1]!)) at -= 1;
  const isOffset = at < end && at - 3 > start && from[at - 1] === x && from[at - 2] === zero && from[at - 3] === plus;
  return isOffset ? at - 3 : end;
}

function equals(from: Uint8Array, start: number, end: number, text: Uint8Array): boolean {
  if (end - start !== text.length) return false;
  for (let at = 0; at < text.length; at += 1) if (from[start + at] !== text[at]) return false;
  return true;
}

const endsWith = (from: Uint8Array, start: number, end: number, text: Uint8Array): boolean =>
  end - start >= text.length && equals(from, end - text.length, end, text);
