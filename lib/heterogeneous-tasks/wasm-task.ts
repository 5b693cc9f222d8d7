import { expressionWriter } from "./wasm-expressions.ts";
import { N, taskWriter, X, Y } from "./wasm-writer.ts";
import type { Statement, Type } from "./code.ts";
import { vectorsOf } from "./lanes.ts";
import { storesAll } from "./stores-all.ts";
import type { Task } from "./task.ts";
import type { Loop } from "./trees.ts";
import { F32, I32, OP, unsigned, V128, type WasmFunction } from "./wasm-binary.ts";
import { type Vectors, windowsOf, loopLanes } from "./task-vectors.ts";
import { ADD, SUB, MUL, AND, LT, NOT, AND_VECTOR, AND_NOT, BITSELECT } from "./wasm-operations.ts";

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
  const writer = taskWriter();
  const { bindings, local, emit, vector, get, put, number, stride } = writer;
  const { scalar, wide, address, scatter } = expressionWriter(names, at, writer);

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
        const isVector = writer.lanes?.vectors.has(one.name) === true;
        const by = isVector ? undefined : stride(one.value);
        if (isVector) wide(one.value);
        else scalar(one.value);
        put(bind(one.name, one.value.type, isVector));
        writer.lanes?.known.names.set(one.name, by);
        break;
      }
      case "set": {
        const { local: index } = bindings.get(one.name)!;
        if (writer.lanes?.vectors.has(one.name) !== true) scalar(one.value);
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
        if (writer.lanes !== undefined) scatter(one.index, one.value, mask);
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
    const rounds = writer.lanes === undefined && vectors === "rounds" && wideLoops ? loopLanes(one) : undefined;
    if (rounds !== undefined) {
      writer.lanes = rounds;
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
      writer.lanes = undefined;
    }
    const before = wideLoops;
    wideLoops = rounds === undefined && before;
    bindings.set(one.name, { local: counter, type: "i32" });
    writer.lanes?.known.names.set(one.name, 0);
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
    writer.lanes = { vectors: vectorsOf(body, known)!, known };
    fireWhile(3, 4);
    writer.lanes = undefined;
  }
  fireWhile(0, 1);
  const { locals, code } = writer;
  return { parameters: [I32, I32, I32], locals, code };
}
