import type { Expression, Operator, Statement, Type } from "./code.ts";
import { independent, roundsOf } from "./independent.ts";
import { type Known, placeStride, strideOf, vectorsOf } from "./lanes.ts";
import { storesAll } from "./stores-all.ts";
import type { Task } from "./task.ts";
import type { Loop } from "./trees.ts";
import { F32, I32, OP, signed, single, unsigned, V128, type WasmFunction, type WasmType } from "./wasm-binary.ts";

/** Where vectors of four are used: for four firings at once, for four rounds of loops within one, or nowhere. */
export type Vectors = "firings" | "rounds" | "none";

/** A loop of fewer rounds is not worth its vectors, if firings can be taken together. */
const FEW = 8;

const [N, X, Y] = [0, 1, 2];

/** Where a task's vectors are: a loop with independent rounds goes before firings, as its elements lie closer together. */
export function vectorsFor({ code, takes, gives }: Task, body: readonly Statement[]): Vectors {
  if (vectorLoop(body, FEW)) return "rounds";
  if (vectorsOf(body, windowsOf(code.input, takes, code.output, gives)) !== undefined) return "firings";
  return vectorLoop(body, 4) ? "rounds" : "none";
}

function windowsOf(input: string, takes: number, output: string, gives: number): Known {
  const windows = new Map([
    [input, takes],
    [output, gives],
  ]);
  return { names: new Map(), windows };
}

function vectorLoop(list: readonly Statement[], few: number): boolean {
  return list.some((one) => {
    if (one.kind === "if") return vectorLoop(one.then, few) || vectorLoop(one.otherwise, few);
    return one.kind === "for" && ((roundsOf(one) >= few && loopLanes(one) !== undefined) || vectorLoop(one.body, few));
  });
}

interface Lanes {
  readonly vectors: ReadonlySet<string>;
  readonly known: Known;
}

/** How a loop's rounds are run four at once; undefined where they cannot be. */
function loopLanes(loop: Loop): Lanes | undefined {
  // The counter must not wrap around behind its last round.
  if (loop.to.range.max + 4 * loop.step >= 2 ** 31 || !independent(loop)) return undefined;
  const known: Known = { names: new Map([[loop.name, loop.step]]), windows: new Map() };
  const vectors = vectorsOf(loop.body, known);
  return vectors && { vectors, known };
}

/** A name's local: a number, or with an undefined stride a vector. */
interface Binding {
  readonly local: number;
  readonly type: Type;
}

/**
 * A function (n, x, y) that fires a task n times, whose windows begin at bytes x and y. `body` is the task's, without calls; `at` says where the arrays of its values are.
 */
export function wasmTask(
  task: Task,
  body: readonly Statement[],
  vectors: Vectors,
  at: ReadonlyMap<string, number>,
): WasmFunction {
  const { takes, gives, code: names } = task;
  const code: number[] = [];
  const locals: WasmType[] = [];
  const bindings = new Map<string, Binding>();
  let lanes: Lanes | undefined;

  const local = (type: WasmType): number => locals.push(type) + 2;
  const scratch = local(V128);
  const emit = (...bytes: readonly number[]): void => {
    for (const byte of bytes) code.push(byte);
  };
  const vector = (operation: number): void => {
    emit(0xfd, ...unsigned(operation));
  };
  const get = (index: number): void => {
    emit(OP.localGet, ...unsigned(index));
  };
  const put = (index: number): void => {
    emit(OP.localSet, ...unsigned(index));
  };
  const number = (value: number): void => {
    emit(OP.i32, ...signed(value));
  };
  const stride = (one: Expression): number | undefined => (lanes === undefined ? 0 : strideOf(one, lanes.known));

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
    return (at.get(array) ?? 0) + 4 * lane * (lanes?.known.windows.get(array) ?? 0);
  };

  /** Holds places that are not a stride apart. */
  const places = (index: Expression): number => {
    const held = local(V128);
    wide(index);
    put(held);
    return held;
  };

  const gather = (array: string, index: Expression): void => {
    const by = placeStride(array, index, lanes!.known);
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
    const by = placeStride(names.output, index, lanes!.known);
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

  const bind = (name: string, type: Type, isVector: boolean): number => {
    const index = local(isVector ? V128 : type === "f32" ? F32 : I32);
    bindings.set(name, { local: index, type });
    return index;
  };

  const statements = (list: readonly Statement[], mask?: number): void => {
    for (const one of list) statement(one, mask);
  };

  const statement = (one: Statement, mask: number | undefined): void => {
    switch (one.kind) {
      case "let": {
        const isVector = lanes?.vectors.has(one.name) === true;
        const by = isVector ? undefined : stride(one.value);
        if (isVector) wide(one.value);
        else scalar(one.value);
        put(bind(one.name, one.value.type, isVector));
        lanes?.known.names.set(one.name, by);
        break;
      }
      case "set": {
        const { local: index } = bindings.get(one.name)!;
        if (lanes?.vectors.has(one.name) !== true) scalar(one.value);
        else {
          wide(one.value);
          if (mask !== undefined) {
            get(index);
            get(mask);
            vector(BITSELECT);
          }
        }
        put(index);
        break;
      }
      case "store":
        if (lanes !== undefined) scatter(one.index, one.value, mask);
        else {
          const offset = address(names.output, one.index);
          scalar(one.value);
          emit(one.value.type === "f32" ? OP.floatStore : OP.store, 2, ...unsigned(offset));
        }
        break;
      case "if":
        branch(one, mask);
        break;
      case "for":
        loop(one, mask);
        break;
    }
  };

  const branch = (one: Extract<Statement, { kind: "if" }>, mask: number | undefined): void => {
    if (stride(one.condition) === 0) {
      scalar(one.condition);
      emit(OP.if, OP.empty);
      statements(one.then, mask);
      emit(OP.else);
      statements(one.otherwise, mask);
      emit(OP.end);
      return;
    }
    const [yes, no] = [local(V128), local(V128)];
    wide(one.condition);
    put(yes);
    // What is not in the mask stays so in both arms.
    if (mask === undefined) get(yes);
    else {
      get(mask);
      get(yes);
    }
    vector(mask === undefined ? NOT : AND_NOT);
    put(no);
    if (mask !== undefined) {
      get(yes);
      get(mask);
      vector(AND_VECTOR);
      put(yes);
    }
    statements(one.then, yes);
    statements(one.otherwise, no);
  };

  const loop = (one: Loop, mask: number | undefined): void => {
    scalar(one.from);
    const counter = local(I32);
    put(counter);
    scalar(one.to);
    const end = local(I32);
    put(end);
    const rounds = lanes === undefined && vectors === "rounds" && wideLoops ? loopLanes(one) : undefined;
    if (rounds !== undefined) {
      lanes = rounds;
      bindings.set(one.name, { local: counter, type: "i32" });
      emit(OP.loop, OP.empty);
      get(counter);
      get(end);
      emit(LT);
      get(end);
      get(counter);
      emit(SUB);
      number(3 * one.step);
      emit(OP.gtU, AND, OP.if, OP.empty);
      statements(one.body);
      get(counter);
      number(4 * one.step);
      emit(ADD);
      put(counter);
      emit(OP.br, 1, OP.end, OP.end);
      lanes = undefined;
    }
    const before = wideLoops;
    wideLoops = rounds === undefined && before;
    bindings.set(one.name, { local: counter, type: "i32" });
    lanes?.known.names.set(one.name, 0);
    get(counter);
    get(end);
    emit(LT, OP.if, OP.empty, OP.loop, OP.empty);
    statements(one.body, mask);
    // The counter goes on where it does not reach the end: it cannot wrap around.
    get(end);
    get(counter);
    emit(SUB);
    number(one.step);
    emit(OP.gtU, OP.if, OP.empty);
    get(counter);
    number(one.step);
    emit(ADD);
    put(counter);
    emit(OP.br, 1, OP.end, OP.end, OP.end);
    wideLoops = before;
  };
  let wideLoops = true;

  /** Fires, and moves both windows, while n is above `than`. */
  const fireWhile = (than: number, firings: number): void => {
    emit(OP.loop, OP.empty);
    get(N);
    number(than);
    emit(OP.gtU, OP.if, OP.empty);
    statements(body);
    for (const [index, by] of [
      [N, -firings],
      [X, 4 * takes * firings],
      [Y, 4 * gives * firings],
    ] as const) {
      get(index);
      number(by);
      emit(ADD);
      put(index);
    }
    emit(OP.br, 1, OP.end, OP.end);
  };

  if (!storesAll(body, gives)) {
    get(Y);
    number(0);
    get(N);
    number(4 * gives);
    emit(MUL, 0xfc, 0x0b, 0);
  }
  if (vectors === "firings") {
    const known = windowsOf(names.input, takes, names.output, gives);
    lanes = { vectors: vectorsOf(body, known)!, known };
    fireWhile(3, 4);
    lanes = undefined;
  }
  fireWhile(0, 1);
  return { parameters: [I32, I32, I32], locals, code };
}

const [ADD, SUB, MUL, AND, SHL, LT] = [0x6a, 0x6b, 0x6c, 0x71, 0x74, 0x48];
const [VECTOR_LOAD, LOAD_SPLAT, VECTOR_STORE, CONST, LOAD_LANE, STORE_LANE, LOAD_ZERO] = [0, 9, 11, 12, 86, 90, 92];
const [NOT, AND_VECTOR, AND_NOT, BITSELECT] = [77, 78, 79, 82];
const INT = { splat: 17, extract: 27, replace: 28, add: 174 };
const FLOAT = { splat: 19, extract: 31, replace: 32 };

type Forms = Readonly<Partial<Record<Operator, number>>>;

/** Forms for vectors, where the first operand or the result is `f32`. */
const FLOAT_FORMS: Forms = {
  ...{ add: 228, sub: 229, mul: 230, div: 231, neg: 225, sqrt: 227, abs: 224, floor: 104, toF32: 250, toI32: 248 },
  ...{ eq: 65, ne: 66, lt: 67, gt: 68, le: 69, ge: 70 },
};
const INT_FORMS: Forms = {
  ...{ add: 174, sub: 177, mul: 181, neg: 161, and: AND_VECTOR, or: 80, xor: 81, not: NOT },
  ...{ eq: 55, ne: 56, lt: 57, gt: 59, le: 61, ge: 63 },
};
const BOTH: Forms = { both: AND_VECTOR, either: 80, no: NOT };
const SHIFTS: Forms = { shl: 171, shr: 172, shrLogical: 173 };

const FLOAT_SCALARS: Forms = {
  ...{ add: 0x92, sub: 0x93, mul: 0x94, div: 0x95, neg: 0x8c, sqrt: 0x91, abs: 0x8b, floor: 0x8e },
  ...{ eq: 0x5b, ne: 0x5c, lt: 0x5d, gt: 0x5e, le: 0x5f, ge: 0x60 },
};
const INT_SCALARS: Forms = {
  ...{ add: ADD, sub: SUB, mul: MUL, neg: SUB, and: AND, or: 0x72, xor: 0x73, shl: SHL, shr: 0x75, shrLogical: 0x76 },
  ...{ eq: 0x46, ne: 0x47, lt: LT, gt: 0x4a, le: 0x4c, ge: 0x4e, both: AND, either: 0x72, no: OP.eqz, toF32: 0xb2 },
};

/** The instructions of an operator on operands of a type, which are on the stack; below an `i32` that is negated is 0. */
function scalarOperation(operator: Operator, type: Type): readonly number[] {
  if (operator === "choose") return [OP.select];
  if (operator === "toI32") return [0xfc, 0x00];
  if (operator === "not") return [OP.i32, ...signed(-1), 0x73];
  return [(type === "f32" ? FLOAT_SCALARS : INT_SCALARS)[operator]!];
}
