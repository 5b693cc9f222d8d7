import { blockOperations } from "../../formats/kinds.ts";
import { codes, type CodesColumn, optional, type OptionalColumn } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import type { Rows } from "../../formats/rows.ts";
import { sectorBytes } from "./operations.ts";

/** The columns of blkparse's events. */
export type BlkparseColumns = {
  readonly timeNs: "float64";
  readonly op: CodesColumn;
  readonly offsetBytes: OptionalColumn<"float64">;
  readonly sizeBytes: OptionalColumn<"float64">;
  readonly action: "words";
  readonly rwbs: "words";
  readonly device: OptionalColumn<"words">;
  readonly cpu: OptionalColumn<"uint32">;
  readonly sequence: OptionalColumn<"uint32">;
  readonly pid: OptionalColumn<"uint32">;
  readonly elapsedNs: OptionalColumn<"float64">;
  readonly process: OptionalColumn<"words">;
  readonly error: OptionalColumn<"int32">;
  readonly detail: OptionalColumn<"text">;
};

export const blkparseColumns: BlkparseColumns = {
  timeNs: "float64",
  op: codes(blockOperations),
  offsetBytes: optional("float64"),
  sizeBytes: optional("float64"),
  action: "words",
  rwbs: "words",
  device: optional("words"),
  cpu: optional("uint32"),
  sequence: optional("uint32"),
  pid: optional("uint32"),
  elapsedNs: optional("float64"),
  process: optional("words"),
  error: optional("int32"),
  detail: optional("text"),
};

/** blkparse's events. */
export type BlkparseRows = Rows<BlkparseColumns>;

const newline = 10;
const space = 32;
const openParenthesis = 40;
const closeParenthesis = 41;
const plus = 43;
const minus = 45;
const slash = 47;
const openBracket = 91;
const closeBracket = 93;

const isDigit = (byte: number): boolean => byte >= 48 && byte <= 57;

/** Where `(     902)`, a time of at least eight places, ends at `at`; 0 where there is none. Payloads are in parentheses, too. */
function elapsedEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== openParenthesis) return 0;
  let to = at + 1;
  while (bytes[to] === space) to += 1;
  while (isDigit(bytes[to]!)) to += 1;
  return bytes[to] === closeParenthesis && isDigit(bytes[to - 1]!) && to - at > 8 ? to + 1 : 0;
}

/** What an event has to look like. */
export const expectedFormat =
  'blkparse\'s default format ("  8,0 3 1 0.000000000 697 Q W 223490 + 8 [sh]"; -f may end behind its header, %S + %n or [%C]) or that of -f "%T.%t %a %d %S %n\\n"';

/** Reads `sector + blocks` or what there is of it. Bytes of a payload's size are not a sector: they stand in front of `(12 00 …)`. */
function readPlace(line: Line, rows: BlkparseRows): void {
  const { columns, count } = rows;
  const { bytes } = line;
  const from = line.at;
  let end = from;
  while (isDigit(bytes[end]!)) end += 1;
  const next = bytes[end + 1];
  const isSector =
    end > from &&
    bytes[end] === space &&
    (next === plus || next === slash || next === openBracket || elapsedEnd(bytes, end + 1) > 0);
  // Of a format of one's own: whether the second number is one of sectors or of bytes, it does not say.
  if (end > from && bytes[end] === space && isDigit(next!)) line.failAt(from, "sector", expectedFormat);
  if (isSector) {
    columns.offsetBytes[count] = line.scaled(sectorBytes, "sector");
    line.spaces();
  } else rows.setNull("offsetBytes");
  if (isSector && next === plus) {
    line.at += 1;
    line.expect(space, "blocks");
    columns.sizeBytes[count] = line.scaled(sectorBytes, "blocks");
    line.spaces();
  } else rows.setNull("sizeBytes");
}

/**
 * Reads what follows an event's header, which depends on its action: place, elapsed time, and a process or an error in brackets; anything else, as
 * it stands, is the detail (a payload, what a request was remapped from, how many requests an unplug found).
 */
export function readBody(line: Line, rows: BlkparseRows, hasError: boolean, isMessage: boolean): void {
  const { columns, count } = rows;
  const { bytes } = line;
  if (isMessage) {
    rows.setNull("offsetBytes");
    rows.setNull("sizeBytes");
    rows.setNull("elapsedNs");
  } else {
    readPlace(line, rows);
    const until = elapsedEnd(bytes, line.at);
    if (until > 0) {
      line.at += 1;
      line.spaces();
      columns.elapsedNs[count] = line.whole("elapsed");
      line.at = until;
      line.spaces();
    } else rows.setNull("elapsedNs");
  }
  const from = line.until(newline);
  const to = line.at;
  let close = to;
  // Of an unplug, a number stands behind the brackets.
  while (close > from && (isDigit(bytes[close - 1]!) || bytes[close - 1] === space)) close -= 1;
  let open = from;
  while (open < close && bytes[open] !== openBracket) open += 1;
  const isInBrackets =
    !isMessage && open < close && bytes[close - 1] === closeBracket && (open === from || close === to);
  // A format of one's own may name the process of a completion.
  const isError = hasError && isInBrackets && (isDigit(bytes[open + 1]!) || bytes[open + 1] === minus);
  let detailFrom = from;
  let detailTo = to;
  if (isInBrackets) {
    line.at = open + 1;
    if (isError) columns.error[count] = line.signed("error");
    else {
      line.at = close - 1;
      line.store(columns.process, count, open + 1, "process");
    }
    if (line.at !== close - 1) line.fail("error", "a whole number in brackets");
    detailFrom = open === from ? Math.min(close + 1, to) : from;
    detailTo = open === from ? to : open - 1;
  }
  if (!isInBrackets || isError) rows.setNull("process");
  if (!isError) rows.setNull("error");
  line.at = detailTo;
  if (detailTo > detailFrom) line.store(columns.detail, count, detailFrom, "detail");
  else rows.setNull("detail");
  line.at = to;
}
