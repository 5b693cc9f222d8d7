import { crc32 } from "node:zlib";
import yauzl, { type Entry, type ZipFile } from "yauzl";

/**
 * The content of a zip file: of its only file, or of the parts of one (`chunk.0000`, `chunk.0001`…: names that differ in
 * their numbers alone), one after the other in the order of their names. Sizes and CRC-32 are checked. Throws an Error when
 * the file is damaged or cut, or holds files of different names. Linear time; memory for the list of names and a chunk.
 */
export async function* zipChunks(path: string): AsyncGenerator<Uint8Array, void> {
  const zip = await yauzl.openPromise(path, { lazyEntries: true, autoClose: false });
  try {
    const entries = await filesOf(zip);
    const pattern = ({ fileName }: Entry) => fileName.replace(/\d+/g, "#");
    const [first] = entries;
    if (first === undefined) throw new Error("a zip file without files");
    if (entries.some((entry) => pattern(entry) !== pattern(first)))
      throw new Error(
        `a zip file of one file, or of parts of one, got ${entries
          .slice(0, 5)
          .map(({ fileName }) => fileName)
          .join(", ")}${entries.length > 5 ? "…" : ""}: take out the one to read`,
      );
    const numbers = new Intl.Collator("en", { numeric: true });
    entries.sort((a, b) => numbers.compare(a.fileName, b.fileName));
    for (const entry of entries) yield* contentOf(zip, entry);
  } finally {
    zip.close();
  }
}

/** More files than this are no trace: the list would fill memory. */
const mostFiles = 100_000;

async function filesOf(zip: ZipFile): Promise<Entry[]> {
  const entries: Entry[] = [];
  for await (const entry of zip.eachEntry()) {
    if (!entry.fileName.endsWith("/")) entries.push(entry);
    if (entries.length > mostFiles) throw new Error(`a zip file of at most ${mostFiles} files`);
  }
  return entries;
}

async function* contentOf(zip: ZipFile, entry: Entry): AsyncGenerator<Uint8Array, void> {
  const stream = await zip.openReadStreamPromise(entry);
  let sum = 0;
  try {
    for await (const chunk of stream) {
      sum = crc32(chunk as Buffer, sum);
      yield chunk as Buffer;
    }
  } finally {
    stream.destroy();
  }
  if (sum !== entry.crc32) throw new Error(`${entry.fileName} with another CRC-32 than the zip file's`);
}
