import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { gzip } from "node:zlib";

const texts = new Set([".css", ".js", ".json", ".svg", ".txt"]);
/** Below this a compressed answer is no faster. */
const smallestBytes = 1024;

/** Puts a `.gz` beside each text file below a folder, so that the server sends it as it is. */
export async function compress(folder) {
  const files = readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => texts.has(extname(path)) && statSync(path).size >= smallestBytes);
  await Promise.all(
    files.map(async (path) => {
      writeFileSync(`${path}.gz`, await promisify(gzip)(readFileSync(path), { level: 9 }));
    }),
  );
}
