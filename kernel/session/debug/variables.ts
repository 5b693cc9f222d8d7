import { shapeOf } from "./shape.ts";
import type { Child, Span } from "./span.ts";

/** A variable as the Debug Adapter Protocol has it. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly type?: string;
  /** What its children are asked for by; 0 where it has none. */
  readonly variablesReference: number;
  readonly namedVariables?: number;
  readonly indexedVariables?: number;
}

/** Which children are asked for. Without `count` all of them, long runs of which are put into ranges. */
export interface Page {
  readonly filter?: "indexed" | "named" | undefined;
  readonly start?: number | undefined;
  readonly count?: number | undefined;
}

/** What a reference stands for. */
interface Node {
  readonly named: Span;
  readonly indexed: Span;
  /** Where the named ones begin in the run that they are a part of. */
  readonly from?: number;
  /** Sets a child; throws where that is not possible. */
  readonly set: (name: string, value: unknown) => void;
}

/** So many children are shown in one list; where there are more, they stand in ranges. */
const longestList = 1000;

/**
 * The values that a debugger's front end has seen and may open further, each by its number. They are held until
 * {@link Variables.clear}: a number means the same value up to then.
 */
export class Variables {
  readonly #nodes = new Map<number, Node>();
  readonly #references = new Map<object, number>();
  #next: number;

  /** @param first - the first number that it gives out */
  constructor(first = 1) {
    this.#next = first;
  }

  /** Lets go of all values. Numbers are not given out a second time. */
  clear(): void {
    this.#nodes.clear();
    this.#references.clear();
  }

  /** A value as a variable of that name. */
  show({ name, value, text: shown }: Child): Variable {
    if (shown !== undefined) return { name, value: shown, type: "", variablesReference: 0 };
    const { type, text, named, indexed } = shapeOf(value);
    const size = named.size + indexed.size;
    if (size === 0) return { name, value: text, type, variablesReference: 0 };
    const object = value as object;
    const reference = this.#references.get(object) ?? this.#add({ named, indexed, set: setter(object) });
    this.#references.set(object, reference);
    const counts = indexed.size > 0 ? { namedVariables: named.size, indexedVariables: indexed.size } : {};
    return { name, value: text, type, variablesReference: reference, ...counts };
  }

  /**
   * The children behind a number.
   *
   * @throws RangeError when the number stands for nothing (any more)
   */
  list(reference: number, { filter, start = 0, count = 0 }: Page = {}): Variable[] {
    if (reference === 0) return []; // of a value that has no children
    const { named, indexed, set, from = 0 } = this.#node(reference);
    const spans = [...(filter === "indexed" ? [] : [named]), ...(filter === "named" ? [] : [indexed])];
    if (count > 0 || start > 0) {
      const end = count > 0 ? start + count : Infinity;
      const [first, second] = spans;
      const children = [
        ...(first?.slice(start, end) ?? []),
        ...(second?.slice(Math.max(0, start - first!.size), Math.max(0, end - first!.size)) ?? []),
      ];
      return children.slice(0, count > 0 ? count : longestList).map((child) => this.show(child));
    }
    return spans.flatMap((span) => this.#all(span, from, set));
  }

  /**
   * Gives a child another value.
   *
   * @throws RangeError for a number that stands for nothing, and TypeError where the child cannot be set
   */
  set(reference: number, name: string, value: unknown): Variable {
    this.#node(reference).set(name, value);
    return this.show({ name, value });
  }

  #node(reference: number): Node {
    const node = this.#nodes.get(reference);
    if (node === undefined)
      throw new RangeError(`variablesReference: expected one of this stop of the program, got ${reference}`);
    return node;
  }

  #add(node: Node): number {
    const reference = this.#next;
    this.#next += 1;
    this.#nodes.set(reference, node);
    return reference;
  }

  /** A whole run, in ranges where it is long; ranges of ranges where it is very long. */
  #all(span: Span, base: number, set: Node["set"]): Variable[] {
    if (span.size <= longestList) return span.slice(0, span.size).map((child) => this.show(child));
    let step = longestList;
    while (span.size / step > longestList) step *= longestList;
    const ranges: Variable[] = [];
    for (let start = 0; start < span.size; start += step) {
      const size = Math.min(step, span.size - start);
      const named: Span = { size, slice: (from, to) => span.slice(start + from, start + Math.min(size, to)) };
      const variablesReference = this.#add({ named, indexed: { size: 0, slice: () => [] }, from: base + start, set });
      const name = `[${base + start} … ${base + start + size - 1}]`;
      ranges.push({ name, value: "", type: "", variablesReference, namedVariables: size });
    }
    return ranges;
  }
}

/** Sets a property or an element of an object. */
function setter(object: object): Node["set"] {
  return (name, value) => {
    const settable = Array.isArray(object) || ArrayBuffer.isView(object) || Object.hasOwn(object, name);
    if (!settable || !Reflect.set(object, name, value)) throw new TypeError(`${name}: this cannot be set`);
  };
}
