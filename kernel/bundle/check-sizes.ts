import { stat } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../run/input-error.ts";
import { inside } from "./gather.ts";

/** A file of data above this size goes into an archive only when asked for. */
const LARGE_BYTES = 100 * 1024 * 1024;

/**
 * Checks that no file is large but those that stay out of the archive, and that these are among the files.
 *
 * @param root - the folder that the files are relative to
 * @throws InputError, with what can be done
 */
export async function checkSizes(
  root: string,
  files: readonly string[],
  { withLarge, elsewhere }: { readonly withLarge: boolean; readonly elsewhere: ReadonlyMap<string, string> },
): Promise<void> {
  for (const path of elsewhere.keys())
    if (!files.includes(inside(root, path) ?? ""))
      throw new InputError(`--from: expected a file that a notebook reads, got ${path}`);
  if (withLarge) return;
  for (const file of files) {
    const { size } = await stat(join(root, file));
    if (size > LARGE_BYTES && !elsewhere.has(join(root, file)))
      throw new InputError(
        `${file}: expected at most ${LARGE_BYTES.toLocaleString("en")} bytes, got ${size.toLocaleString("en")} (--with-large takes it along, --from ${file}=URL says where it is to be had)`,
      );
  }
}
