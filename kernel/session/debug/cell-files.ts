import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";
import { murmur2 } from "./murmur2.ts";

/** The seed of the hash in cells' file names; any would do, this is ipykernel's. */
const seed = 0xc70f6907;

/** How a front end computes the file name of a cell. */
export const hashParameters: { readonly hashMethod: "Murmur2"; readonly hashSeed: number } = {
  hashMethod: "Murmur2",
  hashSeed: seed,
};

/** The files that cells pass for in the Debug Adapter Protocol, which knows sources by their path. */
export class CellFiles {
  #prefix: string | undefined;
  readonly suffix = ".ts";
  /** The code of the cells that were run, by the name that V8 knows their script by. */
  readonly #run = new Map<string, string>();
  readonly #dumped = new Map<string, string>();

  /** What their paths begin with: a folder of this kernel's alone, made when it is first asked for. */
  get prefix(): string {
    return (this.#prefix ??= mkdtempSync(join(tmpdir(), "veelab_")) + sep);
  }

  /** The path of the cell with that code. */
  path(code: string): string {
    return `${this.prefix}${murmur2(code, seed)}${this.suffix}`;
  }

  /** A cell is about to run. */
  ran(url: string, code: string): void {
    this.#run.set(url, code);
  }

  /** The path of the cell whose script V8 knows by that name; undefined for other scripts. */
  pathOf(url: string): string | undefined {
    const code = this.#run.get(url);
    return code === undefined ? undefined : this.path(code);
  }

  /** Writes a cell's code to its file. */
  dump(code: string): string {
    const path = this.path(code);
    writeFileSync(path, code);
    this.#dumped.set(path, code);
    return path;
  }

  /** The code at a cell's path, whether that was dumped or run. */
  code(path: string): string | undefined {
    const dumped = this.#dumped.get(path);
    if (dumped !== undefined || !path.startsWith(this.prefix)) return dumped;
    return [...this.#run.values()].find((code) => this.path(code) === path);
  }

  /** Removes the files. */
  close(): void {
    if (this.#prefix !== undefined) rmSync(this.#prefix, { recursive: true, force: true });
  }
}
