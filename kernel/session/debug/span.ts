/** What a debugger shows inside a value: a property, an element, a column. */
export interface Child {
  readonly name: string;
  readonly value: unknown;
  /** Shown in place of the value, which is then not read: what a getter gives. */
  readonly text?: string;
}

/** A run of children of which a part can be asked for. */
export interface Span {
  readonly size: number;
  slice(start: number, end: number): readonly Child[];
}

/** No children. */
export const nothing: Span = { size: 0, slice: () => [] };

/** Children that are read by their number. */
export function indexedSpan(size: number, at: (index: number) => unknown): Span {
  return {
    size,
    slice(start, end) {
      const children: Child[] = [];
      for (let index = start; index < Math.min(end, size); index += 1)
        children.push({ name: String(index), value: at(index) });
      return children;
    },
  };
}

/** The elements of what can only be read from its beginning: linear in `end`. */
export function iterated<T>(size: number, values: () => Iterable<T>, child: (value: T, index: number) => Child): Span {
  return {
    size,
    slice(start, end) {
      const children: Child[] = [];
      let index = 0;
      for (const value of values()) {
        if (index >= end) break;
        if (index >= start) children.push(child(value, index));
        index += 1;
      }
      return children;
    },
  };
}

/** A value as a debugger sees it. */
export interface Shape {
  readonly type: string;
  /** One line. */
  readonly text: string;
  readonly named: Span;
  readonly indexed: Span;
}
