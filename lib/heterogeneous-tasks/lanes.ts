import type { Expression, Statement } from "./code.ts";
import { namesIn, partsOf } from "./trees.ts";

/** By how much a whole number, or an element's place, grows from one lane of a vector to the next: 0 where all lanes have the same; undefined where that is not known. */
export type Stride = number | undefined;

/** What is known of names and arrays. */
export interface Known {
  /** Those that are not in it are the same in all lanes. */
  readonly names: Map<string, Stride>;
  /** Elements from one lane's window to the next one's; 0 for arrays that are not in it. */
  readonly windows: ReadonlyMap<string, number>;
}

/** The stride of an expression's value. */
export function strideOf(one: Expression, known: Known): Stride {
  if (one.kind === "literal") return 0;
  if (one.kind === "local") return known.names.has(one.name) ? known.names.get(one.name) : 0;
  if (one.kind === "element") return placeStride(one.array, one.index, known) === 0 ? 0 : undefined;
  const parts = partsOf(one).map((part) => strideOf(part, known));
  if (parts.every((stride) => stride === 0)) return 0;
  if (one.kind !== "apply" || one.type !== "i32") return undefined;
  const [a, b] = parts;
  const [first, second] = one.operands;
  const by = (operand: Expression | undefined): Stride =>
    operand?.range.min === operand?.range.max ? operand?.range.min : undefined;
  switch (one.operator) {
    case "neg":
      return scaled(a, -1);
    case "add":
      return a === undefined || b === undefined ? undefined : scaled(a + b, 1);
    case "sub":
      return a === undefined || b === undefined ? undefined : scaled(a - b, 1);
    case "mul":
      return a === 0 ? scaled(b, by(first)) : b === 0 ? scaled(a, by(second)) : undefined;
    case "shl": {
      const shift = by(second);
      return b === 0 && shift !== undefined ? scaled(a, 2 ** (shift & 31)) : undefined;
    }
    default:
      return undefined;
  }
}

function scaled(stride: Stride, by: number | undefined): Stride {
  const result = (stride ?? NaN) * (by ?? NaN);
  return Math.abs(result) < 2 ** 20 ? result : undefined;
}

/** By how much the place of an element grows. */
export function placeStride(array: string, index: Expression, known: Known): Stride {
  const stride = strideOf(index, known);
  return stride === undefined ? undefined : stride + (known.windows.get(array) ?? 0);
}

/**
 * The names that have to be vectors when statements are run in several lanes at once; undefined where they cannot be, as a loop's bounds differ between lanes. Adds the strides of
 * the others to what is known. Linear in statements × names at worst.
 */
export function vectorsOf(list: readonly Statement[], known: Known): ReadonlySet<string> | undefined {
  const vectors = new Set<string>();
  const { set } = namesIn(list);
  const note = (name: string, stride: Stride): void => {
    if (stride === undefined) vectors.add(name);
    known.names.set(name, vectors.has(name) ? undefined : stride);
  };
  const walk = (statements: readonly Statement[], masked: boolean): boolean =>
    statements.every((one) => {
      switch (one.kind) {
        case "let": {
          const stride = strideOf(one.value, known);
          note(one.name, stride !== 0 && set.has(one.name) ? undefined : stride);
          return true;
        }
        case "set":
          note(one.name, masked || strideOf(one.value, known) !== 0 ? undefined : 0);
          return true;
        case "store":
          return true;
        case "if": {
          const within = masked || strideOf(one.condition, known) !== 0;
          return walk(one.then, within) && walk(one.otherwise, within);
        }
        case "for":
          note(one.name, 0);
          return strideOf(one.from, known) === 0 && strideOf(one.to, known) === 0 && walk(one.body, masked);
      }
    });
  for (let size = -1; size < vectors.size;) {
    size = vectors.size;
    if (!walk(list, false)) return undefined;
  }
  return vectors;
}
