import { show, TraceFormatError } from "./errors.ts";
import type { TraceFormat } from "./formats/format.ts";
import { type Head, isText } from "./formats/head.ts";
import { traceFormats } from "./formats/index.ts";

/** A table that says itself what its columns are, or a trace of a known format. */
export type Format = "arrow" | "parquet" | "csv" | TraceFormat;

const tables = ["arrow", "parquet", "csv"] as const;

/** What the option `as` takes. */
export const formatNames = (): string[] => [...tables, ...traceFormats.map(({ name }) => name)];

/** The format of a name that {@link formatNames} has. */
export const namedFormat = (name: string): Format =>
  tables.find((table) => table === name) ?? traceFormats.find((format) => format.name === name)!;

/**
 * What a file is, from its first bytes: its name decides nothing. Arrow IPC files (Feather V2) begin with ARROW1, streams with the
 * continuation marker, Parquet with PAR1; then each trace format looks; other text is CSV, but for a mere list of numbers and for a
 * first line with a number in it (between commas, or between blanks and above another one), which are no header, as is a first line without commas that has semicolons or tabs or begins as JSON or XML: what they are, only the option `as` says. Linear in the head.
 */
export function formatOf(file: string, head: Head): Format {
  const { bytes } = head;
  const start = Buffer.from(bytes.subarray(0, 8)).toString("latin1");
  const begins = (text: string) => start.startsWith(text);
  if (bytes.length === 0) throw new TraceFormatError({ file }, "expected a table or a trace, got an empty one");
  if (begins("ARROW1")) return "arrow";
  if (bytes.length >= 4 && bytes.subarray(0, 4).every((byte) => byte === 0xff)) return "arrow";
  if (begins("PAR1")) return "parquet";
  if (begins("FEA1"))
    throw new TraceFormatError(
      { file },
      "expected Feather V2 (an Arrow IPC file), got Feather V1, which is no longer written",
    );
  const trace = traceFormats.find((format) => format.detect(head));
  if (trace !== undefined) return trace;
  if (!isText(bytes))
    throw new TraceFormatError(
      { file },
      `expected a table or a trace of a known format, got a file that begins ${show(Buffer.from(bytes.subarray(0, 16)).toString("hex"))} (the option "as" names a format that is not recognised)`,
    );
  if (isListOfNumbers(head))
    throw new TraceFormatError(
      { file },
      `expected a table or a trace of a known format, got a list of numbers, which does not say what they are (the option "as" does: "libcachesim-txt" for numbers of objects, "csv" for a column whose name is the first one)`,
    );
  const number = numberIn(head.lines[0] ?? "") ?? numberInBoth(head.lines[0] ?? "", head.lines[1] ?? "");
  if (number !== undefined)
    throw new TraceFormatError(
      { file, line: 1 },
      `expected a trace of a known format or a header with the columns' names, got ${show(number)} (the option "as" names the format: "csv" where that is a name)`,
    );
  const header = withoutQuoted(head.lines[0] ?? "");
  if (!header.includes(",") && /[;\t]|^\s*[[{<]/.test(header))
    throw new TraceFormatError(
      { file, line: 1 },
      `expected a trace of a known format or a header with commas between the columns' names, got ${show((head.lines[0] ?? "").slice(0, 40))} (the option "as" names the format: "csv" where that is one name)`,
    );
  return "csv";
}

/** What is in quotes is a name, whatever it looks like. */
const withoutQuoted = (header: string): string => header.replaceAll(/"[^"]*"/g, '""');

/** A number among the names of a header; one in quotes is a name. */
const numberIn = (header: string): string | undefined =>
  withoutQuoted(header)
    .split(",")
    .find((name) => name.trim() !== "" && !name.includes("\r") && Number.isFinite(Number(name)));

/** A number among the words of a line without commas, where the next line has one, too: of columns between blanks, not of a name. */
function numberInBoth(first: string, second: string): string | undefined {
  const [words, below] = [first, second].map((line) => line.trim().split(/\s+/)) as [string[], string[]];
  if (words.length === 1 || words.length !== below.length || /[",]/.test(first)) return undefined;
  return words.find((word, at) => isNumber(word) && isNumber(below[at]!));
}

const isNumber = (word: string): boolean => Number.isFinite(Number(word));

/** Whether each line is a whole number and nothing else. */
function isListOfNumbers({ lines }: Head): boolean {
  const numbers = lines.filter((line) => line !== "");
  return numbers.length > 0 && numbers.every((line) => /^\d+$/.test(line));
}
