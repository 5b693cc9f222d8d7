const newline = 10;
const carriageReturn = 13;
const quote = 34;
const parenthesis = 40;
const dot = 46;
const underscore = 95;
const digits = { first: 48, last: 57 };

/** What a CSV file's bytes say of how DuckDB would read it. Of a file without the bytes in question both are sure; else only true is. */
export interface CsvSurvey {
  /** There is no quote, no CR, and no comma at a line's end: then DuckDB's parser and ours find the same fields, or DuckDB refuses the file. */
  readonly sameFields: boolean;
  /** No text in it is a float64 to DuckDB and none, or another, to us: `1_000`, `+-1`, `nan(1)`, a whole number that a double does not hold. */
  readonly sameNumbers: boolean;
}

/** Bytes that are looked at together: they stay in the processor's cache from one search to the next. */
const pieceBytes = 128 * 1024;

/** What may span two pieces and is looked for there: longer than 16 digits with a byte on either side. */
const seamBytes = 32;

/**
 * One pass over a CSV file, most of it in Node's native searches, at four to six times the time of reading it. DuckDB reads meanwhile, so that the
 * pass is waited for only where its one thread is slower than all of DuckDB's.
 */
export async function surveyCsv(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<CsvSurvey> {
  const survey = { sameFields: true, sameNumbers: true };
  const look = (bytes: Uint8Array, seam?: number) => {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    survey.sameFields &&= !(text.includes(quote) || text.includes(carriageReturn) || endsInComma(text));
    survey.sameNumbers &&= !(
      text.includes("+-", 0, "latin1") ||
      hasDigitGroups(text) ||
      hasNanOfSomething(text) ||
      (seam === undefined ? hasLongWhole(bytes) : isLongWhole(bytes, seam, seam, true))
    );
  };
  let tail: Uint8Array = new Uint8Array(0);
  const lookAcross = (next: Uint8Array) => {
    look(joined(tail, next.subarray(0, seamBytes)), tail.length);
  };
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; from += pieceBytes) {
      const piece = chunk.subarray(from, from + pieceBytes);
      lookAcross(piece);
      look(piece);
      tail = (piece.length < seamBytes ? joined(tail, piece) : piece).slice(-seamBytes);
    }
    if (!survey.sameFields && !survey.sameNumbers) break;
  }
  lookAcross(Uint8Array.of(newline));
  return survey;
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}

/** Backwards, the search stops at newlines; forwards it would at every comma. */
const endsInComma = (bytes: Buffer): boolean => bytes.lastIndexOf(",\n", undefined, "latin1") >= 0;

const isDigit = (byte: number): boolean => byte >= digits.first && byte <= digits.last;

function hasDigitGroups(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(underscore); at >= 0; at = bytes.indexOf(underscore, at + 1))
    if (isDigit(bytes[at - 1] ?? 0) && isDigit(bytes[at + 1] ?? 0)) return true;
  return false;
}

function hasNanOfSomething(bytes: Buffer): boolean {
  for (let at = bytes.indexOf(parenthesis); at >= 0; at = bytes.indexOf(parenthesis, at + 1))
    if (at >= 3 && bytes.toString("latin1", at - 3, at).toLowerCase() === "nan") return true;
  return false;
}

/** The bits that all digits have, and else only bytes that no number is beside. */
const digitBits = 0x30303030;

/**
 * 16 digits in a row fill three words of four bytes, two of which are one of the pairs that are looked at here. Digits at the beginning or
 * end are left to the look across.
 */
function hasLongWhole(bytes: Uint8Array): boolean {
  if (bytes.length < 16) return false;
  // A view of words begins at a multiple of four.
  const skipped = -bytes.byteOffset & 3;
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + skipped, (bytes.length - skipped) >> 2);
  const last = words.length - 2;
  for (let at = 1; at < last; at += 2)
    if (
      (words[at]! & words[at + 1]! & digitBits) === digitBits &&
      ((words[at - 1]! & digitBits) === digitBits || (words[at + 2]! & digitBits) === digitBits) &&
      isLongWhole(bytes, skipped + 4 * at, skipped + 4 * (at + 2), false)
    )
      return true;
  // The last pair may have no word behind it.
  return isLongWhole(bytes, bytes.length - 8, bytes.length - 8, false);
}

/**
 * Whether the digits around `bytes[start, end)` are a whole number that may be beyond 2^53 (9007199254740992). Digits of a fraction, with an
 * exponent, or beside a letter are none; `atEdge` is what to say of those that may go on outside.
 */
function isLongWhole(bytes: Uint8Array, start: number, end: number, atEdge: boolean): boolean {
  while (start > 0 && isDigit(bytes[start - 1]!)) start -= 1;
  while (end < bytes.length && isDigit(bytes[end]!)) end += 1;
  const length = end - start;
  if (length < 16 || (length === 16 && bytes[start] !== digits.last)) return false;
  if (start === 0 || end === bytes.length) return atEdge;
  return mayBeside(bytes[start - 1]!) && mayBeside(bytes[end]!);
}

const mayBeside = (byte: number): boolean => byte !== dot && byte <= digits.last;
