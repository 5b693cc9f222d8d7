const quote = 34;
const comma = 44;
const newline = 10;
const carriageReturn = 13;

/**
 * Whether DuckDB's parser and ours find the same fields in a CSV file: quotes stand around whole fields or not at all, all lines end
 * alike, in LF or CRLF, and each has so many fields or is blank. DuckDB drops blanks beside quotes, undoubles quotes within a bare field,
 * and takes a comma too many at a line's end. One pass over the bytes.
 */
export async function isPlainCsv(chunks: AsyncIterable<Uint8Array>, fields: number): Promise<boolean> {
  let place: "field" | "bare" | "quoted" | "closed" | "return" = "field";
  let commas = 0;
  let lines = 0;
  let returns = 0;
  let isBlank = true;
  for await (const bytes of chunks)
    for (let at = 0; at < bytes.length; at += 1) {
      if (place === "bare") while (bytes[at]! > comma) at += 1;
      else if (place === "quoted") while (at < bytes.length && bytes[at] !== quote) at += 1;
      if (at >= bytes.length) break;
      const byte = bytes[at]!;
      if (place === "quoted") place = "closed";
      else if (byte === newline) {
        if (commas + 1 !== fields && !isBlank) return false;
        lines += 1;
        if (place === "return") returns += 1;
        place = "field";
        commas = 0;
        isBlank = true;
      } else if (place === "return") return false;
      else if (byte === carriageReturn) place = "return";
      else {
        isBlank = false;
        if (byte === comma) {
          commas += 1;
          place = "field";
        } else if (byte === quote) {
          if (place === "bare") return false;
          place = "quoted";
        } else if (place === "closed") return false;
        else place = "bare";
      }
    }
  if (place === "quoted" || place === "return") return false;
  return (isBlank || commas + 1 === fields) && (returns === 0 || returns === lines);
}
