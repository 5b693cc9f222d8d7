import type { Task } from "../task.ts";
import type { Queue } from "./circuit.ts";
import { DONE } from "./lower.ts";
import type { Memory, Node, Register } from "./nodes.ts";
import { copies, fromRam, isRam, type Plan, unitOf } from "./plan.ts";
import { widthOf } from "./timing.ts";
import { addressBits, bits, packed } from "./verilog-words.ts";

/** What a shared input is in some states, which exclude each other. */
type Choices = [state: string, value: string][];

/**
 * The module of a task: a state in which elements come and go, then one state for each step of each block, one-hot; of a loop whose rounds overlap, several at once. Short arrays are registers: the window shifts by an
 * element as it comes, the output as it goes; long ones are block RAM, the window a ring and the output zeroed behind what goes.
 */
export function taskModule(
  name: string,
  { input, output, takes, gives, arrays, history }: Task,
  plans: readonly Plan[],
  from: Queue,
  to: Queue,
): string {
  const held = from.history;
  const [inWidth, outWidth] = [widthOf({ type: input, range: from.range }), widthOf({ type: output, range: to.range })];
  const declared: string[] = [];
  const lines: string[] = [];
  const clocked: string[] = [];
  const say = (line: string): number => lines.push(line);
  const offsets: number[] = [];
  let states = 1;
  for (const { steps } of plans) {
    offsets.push(states);
    states += steps;
  }
  const shared = new Map<string, Choices>();
  const share = (input: string, state: string, value: string): void => {
    const list = shared.get(input) ?? [];
    shared.set(input, list);
    list.push([state, value]);
  };
  const constants = new Set<number>();
  const windowLength = history + takes;
  const [windowBits, outputBits] = [addressBits(windowLength), addressBits(gives)];
  const outputIsRam = isRam(gives, outWidth);

  for (const [at, plan] of plans.entries()) blockLines(at, plan);

  function blockLines(
    at: number,
    { block, nodes, issued, ready, kept, writeSteps, storeSteps, steps, interval }: Plan,
  ): void {
    const state = (step: number): string => `s[${offsets[at]! + step}]`;
    const own = ({ id, kind }: Node): string => (kind === "constant" ? `k${id}` : `b${at}_${id}`);
    const use = (node: Node, step: number): string => {
      const later = step - ready.get(node)!;
      return later > 0 && kept.has(node) ? `${own(node)}_r${copies(later, interval)}` : own(node);
    };
    for (const node of nodes) {
      if (node.kind === "constant") {
        if (constants.has(node.id)) continue;
        constants.add(node.id);
      }
      const type = typeOf(node);
      const step = issued.get(node)!;
      const here = own(node);
      const unit = unitOf(node);
      if (unit !== undefined && node.kind === "apply") {
        const [a, b] = node.operands.map((operand) => use(operand, step));
        share(`${unit.module}_a`, state(step), a!);
        if (b !== undefined)
          share(`${unit.module}_b`, state(step), node.operator === "sub" ? `{~${b}[31], ${b}[30:0]}` : b);
        share(`${unit.module}_go`, state(step), "1'b1");
        say(`wire ${type}${here} = ${unit.module}_q;`);
      } else if (node.kind === "element" && fromRam(node)) {
        const memory = memoryName(node.memory);
        share(`${memory}_at`, state(step), use(node.index, step));
        say(`wire ${type}${here} = ${memory}_q;`);
      } else say(combinational(node, type, here, (operand) => use(operand, step)));
      for (let copy = 1; copy <= (kept.get(node) ?? 0); copy++) {
        say(`reg ${type}${here}_r${copy};`);
        const when = state(ready.get(node)! + (copy - 1) * interval);
        clocked.push(`if (${when}) ${here}_r${copy} <= ${copy === 1 ? here : `${here}_r${copy - 1}`};`);
      }
    }
    for (const [number, { register, value }] of block.writes.entries()) {
      const step = writeSteps[number]!;
      clocked.push(`if (${state(step)}) ${register.name} <= ${use(value, step)};`);
    }
    for (const [number, { index, value, when }] of block.stores.entries()) {
      const step = storeSteps[number]!;
      const enable = when === undefined ? state(step) : `(${state(step)} & ${use(when, step)})`;
      if (outputIsRam) {
        share("y_write", enable, "1'b1");
        share("y_to", enable, use(index, step));
        share("y_data", enable, use(value, step));
        continue;
      }
      for (let element = Math.max(0, index.range.min); element <= Math.min(index.range.max, gives - 1); element++) {
        const here = index.kind === "constant" ? enable : `${enable} & ${use(index, step)} == ${element}`;
        clocked.push(`if (${here}) y[${outWidth * element} +: ${outWidth}] <= ${use(value, step)};`);
      }
    }
    const last = state(steps - 1);
    const go = (to: number, when: string): void => {
      share(to === DONE ? "done" : `enter_${to}`, when, "1'b1");
    };
    if (block.condition === undefined) go(block.yes, last);
    else {
      go(block.yes, `(${state(interval - 1)} & ${use(block.condition, interval - 1)})`);
      go(block.no, `(${last} & ~${use(block.condition, steps - 1)})`);
    }
    for (let step = 1; step < steps; step++) clocked.push(`${state(step)} <= ${state(step - 1)};`);
    clocked.push(`${state(0)} <= ${[...(at === 0 ? ["start"] : []), `enter_${at}`].join(" | ")};`);
  }

  const registers = new Set<Register>();
  for (const { block } of plans) for (const { register } of block.writes) registers.add(register);
  const tables = new Map<string, Memory>();
  for (const { nodes } of plans)
    for (const node of nodes)
      if (node.kind === "element" && node.memory.kind === "table") tables.set(memoryName(node.memory), node.memory);
  const or = (input: string): string => (shared.get(input) ?? []).map(([state]) => state).join(" | ") || "1'b0";
  const mux = (input: string, width: number): string =>
    (shared.get(input) ?? [])
      .map(([state, value], at) => {
        say(`wire [${width - 1}:0] ${input}_${at} = ${value};`);
        return `({${width}{${state}}} & ${input}_${at})`;
      })
      .join(" | ") || `${width}'d0`;

  const units = new Set(plans.flatMap(({ nodes }) => nodes.flatMap((node) => unitOf(node)?.module ?? [])));
  for (const unit of units) {
    const [a, b] = [mux(`${unit}_a`, 32), unit === "sqrt" ? "" : mux(`${unit}_b`, 32)];
    const go = unit === "div" || unit === "sqrt" ? `.go(${or(`${unit}_go`)}), ` : "";
    say(`f32_${unit} unit_${unit} (.clk(clk), ${go}.a(${a}), ${b === "" ? "" : `.b(${b}), `}.q(${unit}_q));`);
  }
  for (const at of plans.keys()) say(`wire enter_${at} = ${or(`enter_${at}`)};`);

  const ram = (memory: string, size: number, width: number): number =>
    declared.push(
      '(* ram_style = "block" *)',
      `reg [${width - 1}:0] ${memory} [0:${size - 1}];`,
      `reg signed [${width - 1}:0] ${memory}_q;`,
    );
  if (!isRam(windowLength, inWidth)) {
    // Elements come in at the top: the history lies where it is low when all have come.
    const width = inWidth * windowLength;
    declared.push(`reg [${width - 1}:0] window = ${packed(held, input, inWidth, takes)};`);
    clocked.push(
      `if (pop) window <= ${windowLength === 1 ? "in_data" : `{in_data, window[${width - 1}:${inWidth}]}`};`,
    );
  } else {
    const size = 2 ** windowBits;
    ram("window", size, inWidth);
    declared.push(
      `reg [${windowBits - 1}:0] window_head = 0;`,
      "integer i;",
      `initial begin for (i = 0; i < ${size}; i = i + 1) window[i] = 0;`,
      ...Array.from(
        held,
        (element, at) => `window[${size - held.length + at}] = ${inWidth}'h${bits(element, input, inWidth)};`,
      ),
      "end",
    );
    say(
      `wire [${windowBits - 1}:0] window_a = window_head + ${windowBits}'d${size - windowLength} + (${mux("window_at", windowBits)});`,
    );
    clocked.push(
      "if (pop) begin window[window_head] <= in_data; window_head <= window_head + 1; end",
      "window_q <= window[window_a];",
    );
  }
  if (outputIsRam) {
    const size = 2 ** outputBits;
    ram("y", size, outWidth);
    declared.push(
      `reg [${outputBits - 1}:0] y_head = 0;`,
      "integer j;",
      `initial for (j = 0; j < ${size}; j = j + 1) y[j] = 0;`,
    );
    const [to, data] = [mux("y_to", outputBits), mux("y_data", outWidth)];
    say(`wire [${outputBits - 1}:0] y_next = push ? y_head + 1 : y_head;`);
    say(`wire [${outputBits - 1}:0] y_a = push ? y_head : ${to};`);
    say(`wire [${outWidth - 1}:0] y_d = push ? ${outWidth}'d0 : ${data};`);
    say(`wire y_write = push | ${or("y_write")};`);
    clocked.push("if (y_write) y[y_a] <= y_d;", "y_q <= y[y_next];", "y_head <= start ? 0 : y_next;");
  } else {
    declared.push(`reg [${outWidth * gives - 1}:0] y = 0;`);
    clocked.push(`if (push) y <= y >> ${outWidth};`);
  }
  for (const [memory, { name, length, type, range }] of tables) {
    const elements = arrays.get(name)!.elements();
    const width = widthOf({ type, range });
    if (!isRam(length, width)) {
      declared.push(`wire [${width * length - 1}:0] ${memory} = ${packed(elements, type, width)};`);
      continue;
    }
    ram(memory, length, width);
    declared.push(
      "initial begin",
      ...Array.from(elements, (element, at) => `${memory}[${at}] = ${width}'h${bits(element, type, width)};`),
      "end",
    );
    const address = mux(`${memory}_at`, addressBits(length));
    say(`wire [${addressBits(length) - 1}:0] ${memory}_a = ${address};`);
    clocked.push(`${memory}_q <= ${memory}[${memory}_a];`);
  }
  const [takingBits, givingBits] = [addressBits(takes + 1), addressBits(gives + 1)];
  return [
    `module ${name} (input clk, input in_valid, output in_ready, input [${inWidth - 1}:0] in_data,`,
    `  output out_valid, input out_ready, output [${outWidth - 1}:0] out_data);`,
    `reg [${states - 1}:0] s = 1;`,
    `reg [${takingBits - 1}:0] taking = ${takes};`,
    `reg [${givingBits - 1}:0] giving = 0;`,
    "assign in_ready = s[0] & taking != 0;",
    "assign out_valid = s[0] & giving != 0;",
    "wire pop = in_valid & in_ready;",
    "wire push = out_valid & out_ready;",
    "wire start = s[0] & taking == pop & giving == push;",
    ...[...registers].map((register) => `reg ${typeOf(register)}${register.name};`),
    ...[...units].map((unit) => `wire [31:0] ${unit}_q;`),
    ...declared,
    ...lines,
    `wire done = ${or("done")};`,
    `assign out_data = ${outputIsRam ? "y_q" : `y[${outWidth - 1}:0]`};`,
    "always @(posedge clk) begin",
    "s[0] <= (s[0] & ~start) | done;",
    `if (done) begin taking <= ${takes}; giving <= ${gives}; end`,
    "else begin if (pop) taking <= taking - 1; if (push) giving <= giving - 1; end",
    ...clocked,
    "end",
    "endmodule",
  ].join("\n");
}

function memoryName({ kind, name }: Memory): string {
  return kind === "window" ? "window" : `t_${name}`;
}

function typeOf(one: Pick<Node, "type" | "range">): string {
  if (one.type === "bool") return "";
  return `${one.type === "i32" ? "signed " : ""}[${widthOf(one) - 1}:0] `;
}

/** A node without registers. Whole numbers are signed wires, so that narrow ones are extended by their sign. */
function combinational(node: Node, type: string, here: string, use: (operand: Node) => string): string {
  const wire = (value: string): string => `wire ${type}${here} = ${value};`;
  switch (node.kind) {
    case "constant": {
      if (node.type === "bool") return wire(`1'b${node.value}`);
      if (node.type === "f32") return wire(`32'h${bits(node.value, "f32", 32)}`);
      const width = widthOf(node);
      return wire(`${width}'sh${bits(node.value, "i32", width)}`);
    }
    case "register":
      return wire(node.register.name);
    case "element": {
      const { memory, index } = node;
      const width = widthOf(memory);
      const at = index.kind === "constant" ? width * index.value : `${width} * ${use(index)}`;
      return wire(`${memoryName(memory)}[${at} +: ${width}]`);
    }
    case "apply": {
      const [a = "", b = "", c = ""] = node.operands.map(use);
      const { operator } = node;
      const float = node.operands[0]!.type === "f32";
      const instance = (module: string, ports: string): string =>
        `wire ${type}${here}; ${module} ${here}_m (${ports}, .q(${here}));`;
      if (operator === "choose") return wire(`${a} ? ${b} : ${c}`);
      if (float)
        switch (operator) {
          case "neg":
            return wire(`{~${a}[31], ${a}[30:0]}`);
          case "abs":
            return wire(`{1'b0, ${a}[30:0]}`);
          case "floor":
            return instance("f32_floor", `.a(${a})`);
          case "toI32":
            return `wire [31:0] ${here}_w; f32_to_i32 ${here}_m (.a(${a}), .q(${here}_w)); ${wire(`${here}_w`)}`;
          case "lt":
          case "le":
          case "eq":
            return instance(`f32_${operator}`, `.a(${a}), .b(${b})`);
          case "gt":
            return instance("f32_lt", `.a(${b}), .b(${a})`);
          case "ge":
            return instance("f32_le", `.a(${b}), .b(${a})`);
          case "ne":
            return `wire ${here}_e; f32_eq ${here}_m (.a(${a}), .b(${b}), .q(${here}_e)); wire ${here} = ~${here}_e;`;
          default:
        }
      if (operator === "toF32")
        return `wire signed [31:0] ${here}_x = ${a}; ${instance("f32_from_i32", `.a(${here}_x)`)}`;
      if (operator === "shl" || operator === "shr" || operator === "shrLogical") {
        const amount = node.operands[1]!;
        const by = amount.kind === "constant" ? `${amount.value & 31}` : `${here}_by`;
        const before = amount.kind === "constant" ? "" : `wire [4:0] ${here}_by = ${b}; `;
        if (operator === "shl") return before + wire(`${a} <<< ${by}`);
        if (operator === "shr") return before + wire(`${a} >>> ${by}`);
        return `${before}wire [31:0] ${here}_u = ${a}; ${wire(`${here}_u >> ${by}`)}`;
      }
      return wire(SIGNS[operator]!(a, b));
    }
  }
}

const SIGNS: Readonly<Record<string, (a: string, b: string) => string>> = {
  add: (a, b) => `${a} + ${b}`,
  next: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  neg: (a) => `-${a}`,
  and: (a, b) => `${a} & ${b}`,
  or: (a, b) => `${a} | ${b}`,
  xor: (a, b) => `${a} ^ ${b}`,
  not: (a) => `~${a}`,
  lt: (a, b) => `${a} < ${b}`,
  le: (a, b) => `${a} <= ${b}`,
  gt: (a, b) => `${a} > ${b}`,
  ge: (a, b) => `${a} >= ${b}`,
  eq: (a, b) => `${a} == ${b}`,
  ne: (a, b) => `${a} != ${b}`,
  both: (a, b) => `${a} & ${b}`,
  either: (a, b) => `${a} | ${b}`,
  no: (a) => `~${a}`,
};
