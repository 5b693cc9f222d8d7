import type { TraceFormat } from "../../formats/format.ts";
import { stream } from "../../open.ts";

/** What is written of a file that was read. */
export async function written(format: TraceFormat, path: string): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of format.write!(stream(path))) parts.push(part);
  return Buffer.concat(parts).toString();
}
