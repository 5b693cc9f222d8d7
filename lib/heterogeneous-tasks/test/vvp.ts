import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Elements } from "../value.ts";

/** Runs a graph's Verilog in Icarus Verilog: an element offered and taken in every cycle. Gives the bits that came out and the cycles until the last. */
export function vvp(
  verilog: string,
  input: Elements,
  outputs: number,
): { readonly bits: Int32Array; readonly cycles: number } {
  const folder = mkdtempSync(join(tmpdir(), "veelab-vvp-"));
  try {
    const words = new Uint32Array(input.buffer, input.byteOffset, input.length);
    writeFileSync(join(folder, "in.hex"), [...words, 0].map((word) => word.toString(16)).join("\n"));
    writeFileSync(
      join(folder, "graph.v"),
      `${verilog}
module bench;
  reg clk = 0;
  reg [31:0] in [0:${input.length}];
  integer given = 0, taken = 0, cycles = 0, file;
  wire in_ready, out_valid;
  wire [31:0] out_data;
  graph dut (.clk(clk), .in_valid(given < ${input.length}), .in_ready(in_ready), .in_data(in[given]),
    .out_valid(out_valid), .out_ready(1'b1), .out_data(out_data));
  initial begin $readmemh("in.hex", in); file = $fopen("out.hex", "w"); end
  always #1 clk = ~clk;
  always @(posedge clk) begin
    cycles <= cycles + 1;
    if (in_ready && given < ${input.length}) given <= given + 1;
    if (out_valid) begin
      $fdisplay(file, "%h", out_data);
      taken <= taken + 1;
      if (taken == ${outputs - 1}) begin $fdisplay(file, "%h", cycles + 1); $fclose(file); $finish; end
    end
    if (cycles > 20000000) begin $fclose(file); $finish; end
  end
endmodule
`,
    );
    execFileSync("iverilog", ["-g2005", "-Wall", "-Wno-timescale", "-o", "graph.vvp", "graph.v"], {
      cwd: folder,
      stdio: "pipe",
    });
    execFileSync("vvp", ["-n", "graph.vvp"], { cwd: folder, stdio: "pipe" });
    const lines = readFileSync(join(folder, "out.hex"), "utf8").trim().split("\n");
    const cycles = lines.length > outputs ? parseInt(lines.pop()!, 16) : NaN;
    return { bits: Int32Array.from(lines, (line) => parseInt(line, 16) | 0), cycles };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
