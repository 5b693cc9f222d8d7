import { show } from "../../datasets/errors.ts";
import { isVeelabError, SimulationError } from "./errors.ts";
import { type PointAt, rowsOf } from "./sweep-points.ts";
import type { Row } from "./table.ts";

/** What the rows need to know of a point. */
type Told = Pick<PointAt, "name" | "parameters">;

/** The rows of a sweep's points, which are told in the sweep's order. */
export class SweepRows {
  readonly #onError: "stop" | "row";
  readonly #rows: Row[] = [];
  readonly #kinds = new Map<string, string>();

  constructor(onError: "stop" | "row") {
    this.#onError = onError;
  }

  /** The rows told so far. */
  get rows(): readonly Row[] {
    return this.#rows;
  }

  /**
   * Adds what a point gave.
   *
   * @throws SimulationError naming the point, when that is no row or does not fit the columns before it (unless errors are rows), or has the column of errors that are
   */
  add(at: Told, result: unknown): void {
    if (this.#onError === "row") this.#refuseErrorColumn(at, result);
    try {
      this.#rows.push(...this.#checked(at, result));
    } catch (error) {
      if (this.#onError === "stop" || !isVeelabError(error)) throw error;
      this.fail(at, error);
    }
  }

  /**
   * Adds that a point threw.
   *
   * @throws SimulationError naming the point (unless errors are rows)
   */
  fail(at: Told, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.#onError === "stop") throw new SimulationError("sweep", `${at.name}: ${message}`, { cause: error });
    this.#rows.push(...this.#checked(at, { error: message }));
  }

  /** Not as a row, which every other point would be, too. */
  #refuseErrorColumn({ name }: Told, result: unknown): void {
    const rows: readonly unknown[] = Array.isArray(result) ? result : [result];
    if (!rows.some((row) => typeof row === "object" && row !== null && Object.hasOwn(row, "error"))) return;
    const expected = "expected results without a column error, which has the messages of points that throw";
    throw new SimulationError("sweep", `${name}: ${expected} (onError: "row"), got one`);
  }

  /** At the first point whose result would not fit its column, not when the table is made, after every point. */
  #checked(at: Told, result: unknown): Row[] {
    const rows = rowsOf(at, result);
    const met = new Map<string, string>();
    for (const [name, value] of rows.flatMap((row) => Object.entries(row))) {
      if (value === null) continue;
      const kind = this.#kinds.get(name) ?? met.get(name) ?? typeof value;
      if (kind !== typeof value || !CELLS.includes(kind)) {
        const expected = CELLS.includes(kind) ? `a ${kind}` : "a number, text, truth value or null";
        throw new SimulationError("sweep", `${at.name}: expected ${expected} in column ${name}, got ${show(value)}`);
      }
      met.set(name, kind);
    }
    for (const [name, kind] of met) this.#kinds.set(name, kind);
    return rows;
  }
}

const CELLS: readonly string[] = ["number", "string", "boolean"];
