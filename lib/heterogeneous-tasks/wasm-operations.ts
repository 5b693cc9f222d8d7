import type { Operator, Type } from "./code.ts";
import { OP, signed } from "./wasm-binary.ts";

/** Instructions on `i32`. */
export const ADD = 0x6a;
export const SUB = 0x6b;
export const MUL = 0x6c;
export const AND = 0x71;
export const SHL = 0x74;
export const LT = 0x48;
/** Instructions on vectors, behind the byte 0xfd. */
export const VECTOR_LOAD = 0;
export const LOAD_SPLAT = 9;
export const VECTOR_STORE = 11;
export const CONST = 12;
export const LOAD_LANE = 86;
export const STORE_LANE = 90;
export const LOAD_ZERO = 92;
export const NOT = 77;
export const AND_VECTOR = 78;
export const AND_NOT = 79;
export const BITSELECT = 82;
/** Those that differ by the elements' type. */
export const INT = { splat: 17, extract: 27, replace: 28, add: 174 };
export const FLOAT = { splat: 19, extract: 31, replace: 32 };

type Forms = Readonly<Partial<Record<Operator, number>>>;

/** Forms for vectors, where the first operand or the result is `f32`. */
export const FLOAT_FORMS: Forms = {
  ...{ add: 228, sub: 229, mul: 230, div: 231, neg: 225, sqrt: 227, abs: 224, floor: 104, toF32: 250, toI32: 248 },
  ...{ eq: 65, ne: 66, lt: 67, gt: 68, le: 69, ge: 70 },
};
export const INT_FORMS: Forms = {
  ...{ add: 174, sub: 177, mul: 181, neg: 161, and: AND_VECTOR, or: 80, xor: 81, not: NOT },
  ...{ eq: 55, ne: 56, lt: 57, gt: 59, le: 61, ge: 63 },
};
/** Forms for truth values. */
export const BOTH: Forms = { both: AND_VECTOR, either: 80, no: NOT };
export const SHIFTS: Forms = { shl: 171, shr: 172, shrLogical: 173 };

const FLOAT_SCALARS: Forms = {
  ...{ add: 0x92, sub: 0x93, mul: 0x94, div: 0x95, neg: 0x8c, sqrt: 0x91, abs: 0x8b, floor: 0x8e },
  ...{ eq: 0x5b, ne: 0x5c, lt: 0x5d, gt: 0x5e, le: 0x5f, ge: 0x60 },
};
const INT_SCALARS: Forms = {
  ...{ add: ADD, sub: SUB, mul: MUL, neg: SUB, and: AND, or: 0x72, xor: 0x73, shl: SHL, shr: 0x75, shrLogical: 0x76 },
  ...{ eq: 0x46, ne: 0x47, lt: LT, gt: 0x4a, le: 0x4c, ge: 0x4e, both: AND, either: 0x72, no: OP.eqz, toF32: 0xb2 },
};

/** The instructions of an operator on operands of a type, which are on the stack; below an `i32` that is negated is 0. */
export function scalarOperation(operator: Operator, type: Type): readonly number[] {
  if (operator === "choose") return [OP.select];
  if (operator === "toI32") return [0xfc, 0x00];
  if (operator === "not") return [OP.i32, ...signed(-1), 0x73];
  return [(type === "f32" ? FLOAT_SCALARS : INT_SCALARS)[operator]!];
}
