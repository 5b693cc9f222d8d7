import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A temporary folder with files. */
export interface TestFolder {
  readonly path: string;
  write(file: string, text: string): void;
  remove(): void;
}

/** Makes a temporary folder with the given files. */
export function testFolder(files: Readonly<Record<string, string>> = {}): TestFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "veelab-language-")));
  const write: TestFolder["write"] = (file, text) => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  return {
    path,
    write,
    remove() {
      rmSync(path, { recursive: true, force: true });
    },
  };
}
