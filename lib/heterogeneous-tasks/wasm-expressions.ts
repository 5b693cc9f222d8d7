import { type TaskWriter, X, Y } from "./wasm-writer.ts";
import type { Expression, Operator, Type } from "./code.ts";
import { placeStride } from "./lanes.ts";
import type { Task } from "./task.ts";
import { I32, OP, single, unsigned, V128 } from "./wasm-binary.ts";
import {
  ADD,
  SUB,
  SHL,
  VECTOR_LOAD,
  LOAD_SPLAT,
  VECTOR_STORE,
  CONST,
  LOAD_LANE,
  STORE_LANE,
  LOAD_ZERO,
  BITSELECT,
  INT,
  FLOAT,
  FLOAT_FORMS,
  INT_FORMS,
  BOTH,
  SHIFTS,
  scalarOperation,
} from "./wasm-operations.ts";

/** How expressions are written. */
export interface ExpressionWriter {
  /** Pushes the first lane's value. */
  readonly scalar: (one: Expression) => void;
  /** Pushes all lanes' values; truth values are all ones or zeros. */
  readonly wide: (one: Expression) => void;
  /** Pushes the address of the first lane's element but for the constant that is returned. */
  readonly address: (array: string, index: Expression) => number;
  /** Stores all lanes' values, or those in the mask. */
  readonly scatter: (index: Expression, value: Expression, mask: number | undefined) => void;
}

/** Writes a task's expressions; `at` says where the arrays of its values are. */
export function expressionWriter(
  names: Task["code"],
  at: ReadonlyMap<string, number>,
  writer: TaskWriter,
): ExpressionWriter {
  const { bindings, scratch, local, emit, vector, get, put, number, stride } = writer;

  /** The first lane's value. */
  const scalar = (one: Expression): void => {
    switch (one.kind) {
      case "literal":
        if (one.type === "f32") emit(OP.f32, ...single(one.value));
        else number(one.value);
        break;
      case "local":
        get(bindings.get(one.name)!.local);
        break;
      case "element": {
        const offset = address(one.array, one.index);
        emit(one.type === "f32" ? OP.floatLoad : OP.load, 2, ...unsigned(offset));
        break;
      }
      case "apply": {
        const { operator, operands } = one;
        if (operator === "neg" && one.type === "i32") number(0);
        // The chosen one of two comes before what chooses.
        for (const operand of operator === "choose" ? [...operands.slice(1), operands[0]!] : operands) scalar(operand);
        emit(...scalarOperation(operator, operands.at(-1)!.type));
        break;
      }
      case "call":
        throw new Error("calls are written out before");
    }
  };

  /** Pushes the address of the first lane's element but for the constant that is returned. */
  const address = (array: string, index: Expression): number => {
    const base = array === names.input ? X : array === names.output ? Y : undefined;
    let constant = 4 * (index.range.min === index.range.max ? index.range.min : 0);
    let rest: Expression | undefined = index.range.min === index.range.max ? undefined : index;
    if (rest?.kind === "apply" && rest.operator === "add") {
      const [a, b] = rest.operands as readonly [Expression, Expression];
      const [fixed, moving] = a.range.min === a.range.max ? [a, b] : [b, a];
      if (fixed.range.min === fixed.range.max && fixed.range.min >= 0 && moving.range.min >= 0)
        [constant, rest] = [4 * fixed.range.min, moving];
    }
    if (rest !== undefined) {
      scalar(rest);
      number(2);
      emit(SHL);
    }
    if (base !== undefined) get(base);
    if (rest === undefined && base === undefined) number(0);
    if (rest !== undefined && base !== undefined) emit(ADD);
    return constant + (at.get(array) ?? 0);
  };

  /** All lanes' values; truth values are all ones or zeros. */
  const wide = (one: Expression): void => {
    const by = stride(one);
    if (by === 0 && one.kind === "element") {
      const offset = address(one.array, one.index);
      emit(0xfd, LOAD_SPLAT, 2, ...unsigned(offset));
      return;
    }
    if (by !== undefined) {
      if (one.type === "bool") number(0);
      scalar(one);
      if (one.type === "bool") emit(SUB);
      vector(one.type === "f32" ? FLOAT.splat : INT.splat);
      if (by === 0) return;
      emit(0xfd, CONST, ...new Uint8Array(Int32Array.of(0, by, 2 * by, 3 * by).buffer));
      vector(INT.add);
      return;
    }
    switch (one.kind) {
      case "local":
        get(bindings.get(one.name)!.local);
        break;
      case "element":
        gather(one.array, one.index);
        break;
      case "apply":
        applied(one.operator, one.operands, one.type);
        break;
      default:
        throw new Error("only these differ between lanes");
    }
  };

  const applied = (operator: Operator, operands: readonly Expression[], type: Type): void => {
    const [first, second, third] = operands as readonly [Expression, Expression, Expression];
    const operation = (first.type === "f32" || type === "f32" ? FLOAT_FORMS : INT_FORMS)[operator] ?? BOTH[operator];
    if (operator === "choose") {
      wide(second);
      wide(third);
      wide(first);
      vector(BITSELECT);
    } else if (SHIFTS[operator] !== undefined && stride(second) === 0) {
      wide(first);
      scalar(second);
      vector(SHIFTS[operator]);
    } else if (operation !== undefined) {
      for (const operand of operands) wide(operand);
      vector(operation);
    } else laneByLane(operator, operands, type);
  };

  const laneByLane = (operator: Operator, operands: readonly Expression[], type: Type): void => {
    const held = operands.map((operand) => {
      wide(operand);
      const vectorLocal = local(V128);
      put(vectorLocal);
      return vectorLocal;
    });
    for (let lane = 0; lane < 4; lane++) {
      for (const [place, operand] of operands.entries()) {
        get(held[place]!);
        vector(operand.type === "f32" ? FLOAT.extract : INT.extract);
        emit(lane);
      }
      emit(...scalarOperation(operator, operands.at(-1)!.type));
      const form = type === "f32" ? FLOAT : INT;
      vector(lane === 0 ? form.splat : form.replace);
      if (lane > 0) emit(lane);
    }
  };

  /** Pushes the address of one lane's element, and returns the constant. */
  const laneAddress = (array: string, held: number, lane: number): number => {
    get(held);
    vector(INT.extract);
    emit(lane);
    number(2);
    emit(SHL);
    const base = array === names.input ? X : array === names.output ? Y : undefined;
    if (base !== undefined) {
      get(base);
      emit(ADD);
    }
    return (at.get(array) ?? 0) + 4 * lane * (writer.lanes?.known.windows.get(array) ?? 0);
  };

  /** Holds places that are not a stride apart. */
  const places = (index: Expression): number => {
    const held = local(V128);
    wide(index);
    put(held);
    return held;
  };

  const gather = (array: string, index: Expression): void => {
    const by = placeStride(array, index, writer.lanes!.known);
    if (by === 1) {
      const offset = address(array, index);
      emit(0xfd, VECTOR_LOAD, 2, ...unsigned(offset));
    } else if (by !== undefined && by >= 0) {
      const base = local(I32);
      const offset = address(array, index);
      put(base);
      get(base);
      emit(0xfd, LOAD_ZERO, 2, ...unsigned(offset));
      put(scratch);
      for (let lane = 1; lane < 4; lane++) {
        get(base);
        get(scratch);
        emit(0xfd, LOAD_LANE, 2, ...unsigned(offset + 4 * lane * by), lane);
        put(scratch);
      }
      get(scratch);
    } else {
      const held = places(index);
      for (let lane = 0; lane < 4; lane++) {
        const offset = laneAddress(array, held, lane);
        if (lane > 0) get(scratch);
        emit(0xfd, lane === 0 ? LOAD_ZERO : LOAD_LANE, 2, ...unsigned(offset), ...(lane === 0 ? [] : [lane]));
        put(scratch);
      }
      get(scratch);
    }
  };

  const scatter = (index: Expression, value: Expression, mask: number | undefined): void => {
    const by = placeStride(names.output, index, writer.lanes!.known);
    wide(value);
    if (mask !== undefined) {
      gather(names.output, index);
      get(mask);
      vector(BITSELECT);
    }
    const held = local(V128);
    put(held);
    if (by === 1) {
      const offset = address(names.output, index);
      get(held);
      emit(0xfd, VECTOR_STORE, 2, ...unsigned(offset));
      return;
    }
    const indices = by !== undefined && by >= 0 ? undefined : places(index);
    for (let lane = 0; lane < 4; lane++) {
      const offset =
        indices === undefined
          ? address(names.output, index) + 4 * lane * by!
          : laneAddress(names.output, indices, lane);
      get(held);
      emit(0xfd, STORE_LANE, 2, ...unsigned(offset), lane);
    }
  };

  return { scalar, wide, address, scatter };
}
