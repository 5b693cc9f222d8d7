import type { Expression, Type } from "./code.ts";
import { strideOf } from "./lanes.ts";
import type { Lanes } from "./task-vectors.ts";
import { OP, signed, unsigned, V128, type WasmType } from "./wasm-binary.ts";

/** The parameters of a task's function: how many firings are left, and the bytes at which its windows begin. */
export const N = 0;
export const X = 1;
export const Y = 2;

/** A name's local: a number, or with an undefined stride a vector. */
export interface Binding {
  readonly local: number;
  readonly type: Type;
}

/** A task's function that is being written. */
export interface TaskWriter {
  readonly code: number[];
  readonly locals: WasmType[];
  /** By name, where its value is. */
  readonly bindings: Map<string, Binding>;
  /** A vector for what is needed at once only. */
  readonly scratch: number;
  /** What is done four at once here; undefined where nothing is. */
  lanes: Lanes | undefined;
  /** Another local. */
  readonly local: (type: WasmType) => number;
  readonly emit: (...bytes: readonly number[]) => void;
  readonly vector: (operation: number) => void;
  readonly get: (index: number) => void;
  readonly put: (index: number) => void;
  readonly number: (value: number) => void;
  /** How far apart a value is from lane to lane; undefined where that differs. */
  readonly stride: (one: Expression) => number | undefined;
}

/** A function without instructions yet. */
export function taskWriter(): TaskWriter {
  const code: number[] = [];
  const locals: WasmType[] = [];
  const local = (type: WasmType): number => locals.push(type) + 2;
  const emit = (...bytes: readonly number[]): void => {
    for (const byte of bytes) code.push(byte);
  };
  const writer: TaskWriter = {
    code,
    locals,
    bindings: new Map(),
    scratch: local(V128),
    lanes: undefined,
    local,
    emit,
    vector: (operation) => {
      emit(0xfd, ...unsigned(operation));
    },
    get: (index) => {
      emit(OP.localGet, ...unsigned(index));
    },
    put: (index) => {
      emit(OP.localSet, ...unsigned(index));
    },
    number: (value) => {
      emit(OP.i32, ...signed(value));
    },
    stride: (one) => (writer.lanes === undefined ? 0 : strideOf(one, writer.lanes.known)),
  };
  return writer;
}
