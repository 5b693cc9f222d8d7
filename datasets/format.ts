import { show, TraceFormatError } from "./errors.ts";

/** The file formats that are read. */
export type Format = "arrow" | "parquet" | "csv";

/** How many of a file's first bytes {@link formatOf} looks at. */
export const headBytes = 4096;

/**
 * What a file is, from its first bytes: its name decides nothing. Arrow IPC files (Feather V2) begin with ARROW1, streams with the
 * continuation marker, Parquet with PAR1; text without control characters is CSV. Constant time.
 */
export function formatOf(file: string, head: Uint8Array): Format {
  const start = Buffer.from(head.subarray(0, 8)).toString("latin1");
  const begins = (text: string) => start.startsWith(text);
  if (head.length === 0)
    throw new TraceFormatError({ file }, "expected an Arrow, Parquet or CSV file, got an empty one");
  if (begins("ARROW1")) return "arrow";
  if (head.length >= 4 && head.subarray(0, 4).every((byte) => byte === 0xff)) return "arrow";
  if (begins("PAR1")) return "parquet";
  if (begins("FEA1"))
    throw new TraceFormatError(
      { file },
      "expected Feather V2 (an Arrow IPC file), got Feather V1, which is no longer written",
    );
  // Tab, newline, carriage return and escape occur in text; other control characters do not.
  const control = head.findIndex((byte) => byte < 32 && ![9, 10, 13, 27].includes(byte));
  if (control >= 0)
    throw new TraceFormatError(
      { file, offset: control },
      `expected an Arrow, Parquet or CSV file, got one that begins ${show(Buffer.from(head.subarray(0, 8)).toString("hex"))}`,
    );
  return "csv";
}
