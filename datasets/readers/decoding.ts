import { isVeelabError, TraceFormatError } from "../errors.ts";

/** Runs a decoder of apache-arrow's, which throws errors of many kinds for metadata that make no sense. */
export function decoding<T>(file: string, offset: number, what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (isVeelabError(error)) throw error;
    const problem = error instanceof Error ? error.message : String(error);
    throw new TraceFormatError({ file, offset }, `expected ${what} (${problem})`, { cause: error });
  }
}
