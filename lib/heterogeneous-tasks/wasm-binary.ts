/** The types of WebAssembly's numbers, as they are encoded. */
export const I32 = 0x7f;
export const F32 = 0x7d;
export const V128 = 0x7b;

/** A type of WebAssembly's numbers. */
export type WasmType = typeof I32 | typeof F32 | typeof V128;

/** Instructions of "WebAssembly Core Specification", release 2.0, chapter 5.4, and of the threads proposal. Those of vectors are behind 0xfd, of atomic accesses behind 0xfe. */
export const OP = {
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  br: 0x0c,
  call: 0x10,
  select: 0x1b,
  localGet: 0x20,
  localSet: 0x21,
  globalGet: 0x23,
  globalSet: 0x24,
  load: 0x28,
  floatLoad: 0x2a,
  store: 0x36,
  floatStore: 0x38,
  empty: 0x40,
  i32: 0x41,
  f32: 0x43,
  eqz: 0x45,
  gtU: 0x4b,
  divU: 0x6e,
} as const;

/** An unsigned LEB128 number of at most 53 bits. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) + 128);
  }
}

/** A signed LEB128 number of 32 bits. */
export function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    if (rest >= -64 && rest < 64) return [...bytes, rest & 127];
    bytes.push((rest & 127) | 128);
  }
}

/** The four bytes of a number in single precision. */
export function single(value: number): number[] {
  return [...new Uint8Array(Float32Array.of(value).buffer)];
}

/** A function: its parameters, the locals behind them, and its instructions without the last `end`. None gives a result. */
export interface WasmFunction {
  readonly parameters: readonly WasmType[];
  readonly locals: readonly WasmType[];
  readonly code: readonly number[];
}

/** What is in a module: it imports a shared memory and a global number, `env.memory` and `env.thread`, and exports its last function as `run`. */
export interface WasmModule {
  readonly pages: number;
  readonly functions: readonly WasmFunction[];
  /** How many numbers it has that change, 0 at first; they come behind `env.thread`. */
  readonly globals: number;
}

/** A module's binary. Linear. */
export function wasmBinary({ pages, functions, globals }: WasmModule): Uint8Array {
  const types = functions.map(({ parameters }) => [0x60, ...list(parameters.map((type) => [type])), 0]);
  const last = functions.length - 1;
  const imports = [
    [...name("env"), ...name("memory"), 0x02, 0x03, ...unsigned(pages), ...unsigned(pages)],
    [...name("env"), ...name("thread"), 0x03, I32, 0],
  ];
  const changing = Array.from({ length: globals }, () => [I32, 1, OP.i32, 0, OP.end]);
  const bodies = functions.map(({ locals, code }) => {
    const declared = list(locals.map((type) => [1, type]));
    return [...unsigned(declared.length + code.length + 1), ...declared, ...code, OP.end];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, list(types)),
    ...section(2, list(imports)),
    ...section(3, list(functions.map((_, at) => unsigned(at)))),
    ...section(6, list(changing)),
    ...section(7, list([[...name("run"), 0x00, ...unsigned(last)]])),
    ...section(10, list(bodies)),
  ]);
}

function section(id: number, content: readonly number[]): number[] {
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly (readonly number[])[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function name(text: string): number[] {
  return list([...new TextEncoder().encode(text)].map((byte) => [byte]));
}
