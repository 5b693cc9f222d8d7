import type { Line } from "../../formats/line.ts";

const newline = 10;
const space = 32;
const minus = 45;
const point = 46;
const slash = 47;
const colon = 58;
const openBracket = 91;
const closeBracket = 93;

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

/**
 * Where the fields of a sample's first line stand: `name tid [cpu] time:` or `name pid/tid [cpu] time:`. A name may have spaces, and
 * numbers: it ends where what follows has this form.
 */
export class SampleHead {
  nameFrom = 0;
  nameTo = 0;
  /** NaN where the line has no process. */
  pid: number = Number.NaN;
  tid = 0;
  /** NaN where the line has no processor. */
  cpu: number = Number.NaN;
  timeFrom = 0;
  /** Digits of the time behind the point. */
  timeDigits = 0;

  /** Finds the fields from `line.at`, which stays. */
  find(line: Line): void {
    const { bytes } = line;
    let at = line.at;
    while (bytes[at] === space) at += 1;
    this.nameFrom = at;
    for (;;) {
      while (bytes[at] !== space) {
        if (bytes[at] === newline) line.fail("sample", "name, thread and time of a sample");
        at += 1;
      }
      this.nameTo = at;
      while (bytes[at] === space) at += 1;
      if (this.#threadAndTime(bytes, at)) return;
    }
  }

  #threadAndTime(bytes: Uint8Array, from: number): boolean {
    let at = this.#number(bytes, from);
    if (at === from) return false;
    this.pid = NaN;
    this.tid = this.#value;
    if (bytes[at] === slash) {
      const to = this.#number(bytes, at + 1);
      if (to === at + 1) return false;
      this.pid = this.tid;
      this.tid = this.#value;
      at = to;
    }
    if (bytes[at] !== space || Math.abs(this.tid) > 0x7fffffff || Math.abs(this.pid) > 0x7fffffff) return false;
    while (bytes[at] === space) at += 1;
    this.cpu = NaN;
    if (bytes[at] === openBracket) {
      const to = this.#number(bytes, at + 1);
      if (to === at + 1 || bytes[to] !== closeBracket || this.#value < 0 || this.#value > 0xffffffff) return false;
      this.cpu = this.#value;
      at = to + 1;
      while (bytes[at] === space) at += 1;
    }
    this.timeFrom = at;
    while (isDigit(bytes[at]!)) at += 1;
    if (at === this.timeFrom || bytes[at] !== point) return false;
    const behind = at + 1;
    at = behind;
    while (isDigit(bytes[at]!)) at += 1;
    this.timeDigits = at - behind;
    return at > behind && bytes[at] === colon;
  }

  #value = 0;

  /** Reads a whole number into `#value`; gives where it ends, its beginning when there is none. */
  #number(bytes: Uint8Array, from: number): number {
    let at = bytes[from] === minus ? from + 1 : from;
    const first = at;
    let value = 0;
    while (isDigit(bytes[at]!)) {
      value = value * 10 + (bytes[at]! - 48);
      at += 1;
    }
    if (at === first) return from;
    this.#value = first > from ? -value : value;
    return at;
  }
}
