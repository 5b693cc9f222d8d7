import { ANY, type Operator, type Range } from "./code.ts";

/** The range of what an `i32` operator gives; {@link ANY} where it may wrap around or nothing better is known. */
export function rangeOf(operator: Operator, operands: readonly Range[]): Range {
  const [a = ANY, b = ANY, c = ANY] = operands;
  switch (operator) {
    case "add":
      return within(a.min + b.min, a.max + b.max);
    case "sub":
      return within(a.min - b.max, a.max - b.min);
    case "neg":
      return within(-a.max, -a.min);
    case "mul": {
      const corners = [a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max];
      return within(Math.min(...corners), Math.max(...corners));
    }
    case "and":
      // With an operand that is not negative, the result has no other bits than that one.
      if (a.min < 0 && b.min < 0) return ANY;
      return { min: 0, max: Math.min(a.min < 0 ? ANY.max : a.max, b.min < 0 ? ANY.max : b.max) };
    case "or":
    case "xor":
      // Of numbers that are not negative, no bit is set above the highest of both.
      return a.min < 0 || b.min < 0 ? ANY : { min: 0, max: 2 ** (32 - Math.clz32(a.max | b.max)) - 1 };
    case "shl":
      return b.min === b.max && b.min >= 0 && b.max < 32 ? within(a.min * 2 ** b.min, a.max * 2 ** b.min) : ANY;
    case "shr":
      return b.min === b.max && b.min >= 0 && b.max < 32 ? { min: a.min >> b.min, max: a.max >> b.min } : ANY;
    case "shrLogical":
      if (b.min !== b.max || b.min <= 0 || b.max >= 32) return ANY;
      return a.min < 0 ? { min: 0, max: 0xffffffff >>> b.min } : { min: a.min >>> b.min, max: a.max >>> b.min };
    case "choose":
      return { min: Math.min(b.min, c.min), max: Math.max(b.max, c.max) };
    default:
      return ANY;
  }
}

function within(min: number, max: number): Range {
  return min >= ANY.min && max <= ANY.max ? { min, max } : ANY;
}
