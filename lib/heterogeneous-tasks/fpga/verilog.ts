import type { Circuit } from "./circuit.ts";
import { widthOf } from "./timing.ts";
import { taskModule } from "./verilog-task.ts";
import { VERILOG_UNITS } from "./verilog-units.ts";
import { addressBits, packed } from "./verilog-words.ts";

/** Queues of at most so many elements are registers; longer ones are distributed RAM. */
export const QUEUE_REGISTERS = 4;

/** The Verilog of a whole circuit; its top module is `graph`. */
export function verilog({ flat, plans, queues }: Circuit): string {
  const { nodes, edges } = flat;
  const modules: string[] = [];
  const lines: string[] = [];
  const widths = queues.map(({ range }, at) => widthOf({ type: edges[at]!.type, range }));
  for (const [at, { depth, start }] of queues.entries()) {
    const width = widths[at]!;
    modules.push(queueModule(`queue_${at}`, depth, width, packed(start, edges[at]!.type, width), start.length));
    lines.push(
      `wire e${at}_in_valid, e${at}_in_ready, e${at}_out_valid, e${at}_out_ready;`,
      `wire signed [${width - 1}:0] e${at}_in, e${at}_out;`,
      `queue_${at} q${at} (.clk(clk), .in_valid(e${at}_in_valid), .in_ready(e${at}_in_ready), .in_data(e${at}_in),`,
      `  .out_valid(e${at}_out_valid), .out_ready(e${at}_out_ready), .out_data(e${at}_out));`,
    );
  }
  for (const [at, { kind, task, duplicate, inputs, outputs }] of nodes.entries()) {
    const [from, to] = [inputs[0], outputs[0]];
    switch (kind) {
      case "source":
        lines.push(
          `assign e${to!}_in_valid = in_valid;`,
          `assign in_ready = e${to!}_in_ready;`,
          `assign e${to!}_in = in_data;`,
        );
        break;
      case "sink":
        lines.push(
          `assign out_valid = e${from!}_out_valid;`,
          `assign e${from!}_out_ready = out_ready;`,
          `assign out_data = e${from!}_out;`,
        );
        break;
      case "task":
        modules.push(taskModule(`task_${at}`, task!, plans[at]!, queues[from!]!, queues[to!]!));
        lines.push(
          `task_${at} t${at} (.clk(clk), .in_valid(e${from!}_out_valid), .in_ready(e${from!}_out_ready), .in_data(e${from!}_out),`,
          `  .out_valid(e${to!}_in_valid), .out_ready(e${to!}_in_ready), .out_data(e${to!}_in));`,
        );
        break;
      case "split":
        if (duplicate) {
          const all = outputs.map((edge) => `e${edge}_in_ready`).join(" & ");
          lines.push(`wire move_${at} = e${from!}_out_valid & ${all};`, `assign e${from!}_out_ready = ${all};`);
          for (const edge of outputs)
            lines.push(`assign e${edge}_in_valid = move_${at};`, `assign e${edge}_in = e${from!}_out;`);
          break;
        }
        lines.push(
          ...turnLines(
            at,
            outputs.map((edge) => edges[edge]!.gives),
          ),
          `assign e${from!}_out_ready = ${outputs.map((edge, way) => `(w${at}[${way}] & e${edge}_in_ready)`).join(" | ")};`,
          `assign move_${at} = e${from!}_out_valid & e${from!}_out_ready;`,
        );
        for (const [way, edge] of outputs.entries())
          lines.push(
            `assign e${edge}_in_valid = e${from!}_out_valid & w${at}[${way}];`,
            `assign e${edge}_in = e${from!}_out;`,
          );
        break;
      case "join":
        lines.push(
          ...turnLines(
            at,
            inputs.map((edge) => edges[edge]!.takes),
          ),
          `assign e${to!}_in_valid = ${inputs.map((edge, way) => `(w${at}[${way}] & e${edge}_out_valid)`).join(" | ")};`,
          ...inputs.map((edge, way) => `wire signed [${widths[to!]! - 1}:0] from_${at}_${way} = e${edge}_out;`),
          `assign e${to!}_in = ${inputs.map((_, way) => `({${widths[to!]!}{w${at}[${way}]}} & from_${at}_${way})`).join(" | ")};`,
          `assign move_${at} = e${to!}_in_valid & e${to!}_in_ready;`,
        );
        for (const [way, edge] of inputs.entries())
          lines.push(`assign e${edge}_out_ready = e${to!}_in_ready & w${at}[${way}];`);
    }
  }
  return [
    ...modules,
    "module graph (input clk, input in_valid, output in_ready, input [31:0] in_data,",
    "  output out_valid, input out_ready, output [31:0] out_data);",
    ...lines,
    "endmodule",
    VERILOG_UNITS,
  ].join("\n");
}

/** Whose turn it is, one-hot, and how many elements are left of it. */
function turnLines(at: number, turns: readonly number[]): string[] {
  const ways = turns.length;
  const width = addressBits(Math.max(...turns));
  return [
    `reg [${ways - 1}:0] w${at} = 1;`,
    `reg [${width - 1}:0] left_${at} = ${turns[0]! - 1};`,
    `wire move_${at};`,
    `always @(posedge clk) if (move_${at}) begin`,
    `if (left_${at} != 0) left_${at} <= left_${at} - 1;`,
    "else begin",
    ...(ways > 1 ? [`w${at} <= {w${at}[${ways - 2}:0], w${at}[${ways - 1}]};`] : []),
    `left_${at} <= ${turns.map((_, way) => `({${width}{w${at}[${way}]}} & ${width}'d${turns[(way + 1) % ways]! - 1})`).join(" | ")};`,
    "end end",
  ];
}

function queueModule(name: string, depth: number, width: number, start: string, count: number): string {
  const places = addressBits(depth);
  return [
    `module ${name} (input clk, input in_valid, output in_ready, input [${width - 1}:0] in_data,`,
    `  output out_valid, input out_ready, output [${width - 1}:0] out_data);`,
    `(* ram_style = "${depth <= QUEUE_REGISTERS ? "registers" : "distributed"}" *)`,
    `reg [${width - 1}:0] m [0:${depth - 1}];`,
    `reg [${places - 1}:0] head = 0;`,
    `reg [${places - 1}:0] tail = ${count % depth};`,
    `reg [${places}:0] count = ${count};`,
    ...(count > 0
      ? [
          `localparam [${width * count - 1}:0] start = ${start};`,
          "integer i;",
          `initial for (i = 0; i < ${count}; i = i + 1) m[i] = start[${width} * i +: ${width}];`,
        ]
      : []),
    `assign in_ready = count != ${depth};`,
    "assign out_valid = count != 0;",
    "assign out_data = m[head];",
    "wire push = in_valid & in_ready;",
    "wire pop = out_valid & out_ready;",
    "always @(posedge clk) begin",
    "if (push) begin m[tail] <= in_data; tail <= tail + 1; end",
    "if (pop) head <= head + 1;",
    "count <= count + push - pop;",
    "end",
    "endmodule",
  ].join("\n");
}
