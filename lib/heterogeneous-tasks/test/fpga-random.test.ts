import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tool } from "../../../kernel/test/tool.ts";
import { random } from "../../core/random.ts";
import { type ElementType, fpgaDesign, graph, type Graph, run, sink, source, task } from "../index.ts";
import { vvp } from "./vvp.ts";

/** A task of random statements, of this many elements in and out, 20 of which are block RAM. */
function program(seed: number, input: ElementType, output: ElementType, takes: number, gives: number): Graph {
  const { int, pick } = random(`program ${seed}`);
  const locals: { name: string; type: ElementType; set: boolean }[] = [];
  const counters: { name: string; below: number }[] = [];
  let names = 0;

  const index = (length: number): string => {
    const fits = counters.filter(({ below }) => below <= length);
    const near = Math.min(length, 4);
    if (fits.length > 0 && int(2) === 0) return pick(fits).name;
    return int(4) === 0 ? `${wholes(1)} & ${near >= 4 ? 3 : near >= 2 ? 1 : 0}` : `${int(length)}`;
  };
  const known = (type: ElementType): string | undefined => {
    const list = locals.filter((one) => one.type === type);
    return list.length > 0 && int(2) === 0 ? pick(list).name : undefined;
  };
  const element = (): string => `x[${index(takes)}]`;
  const wholes = (depth: number): string => {
    if (depth === 0) {
      const name = known("i32");
      if (name !== undefined) return name;
      if (counters.length > 0 && int(3) === 0) return pick(counters).name;
      const written = pick([0, 1, -1, 7, 255, -128, 65535, 2 ** 31 - 1, -(2 ** 31) + 1, int(1000)]);
      return int(3) === 0 ? `(${written})` : input === "i32" ? element() : `Math.trunc(${element()} * 1e3)`;
    }
    const a = (): string => wholes(depth - 1);
    const forms = [
      () => `(${a()} ${pick(["+", "-", "*", "&", "|", "^"])} ${a()})`,
      () => `(${a()} ${pick(["<<", ">>", ">>>"])} ${pick([`${int(32)}`, a()])})`,
      () => `(${pick(["-", "~"])}${a()})`,
      () => `(${truth(depth - 1)} ? ${a()} : ${a()})`,
      () => `Math.trunc(${floats(depth - 1)})`,
    ];
    return pick(forms)();
  };
  const floats = (depth: number): string => {
    if (depth === 0) {
      const name = known("f32");
      if (name !== undefined) return name;
      const written = pick([0.5, -1.5, 3.25e-20, 1e30, 0.1, 2.5e-39, 1e-3]);
      return int(3) === 0 ? `Math.fround(${written})` : input === "f32" ? element() : `Math.fround(${element()})`;
    }
    const a = (): string => floats(depth - 1);
    const forms = [
      () => `(${a()} ${pick(["+", "-", "*", "*", "/"])} ${a()})`,
      () => pick([`Math.sqrt(${a()})`, `Math.abs(${a()})`, `Math.floor(${a()})`, `(-${a()})`]),
      () => `(${truth(depth - 1)} ? ${a()} : ${a()})`,
      () => `Math.fround(${wholes(depth - 1)})`,
    ];
    return pick(forms)();
  };
  const value = (type: ElementType, depth: number): string => (type === "i32" ? wholes(depth) : floats(depth));
  const truth = (depth: number): string => {
    if (depth > 0 && int(3) === 0)
      return pick([`(!${truth(depth - 1)})`, `(${truth(depth - 1)} ${pick(["&&", "||"])} ${truth(depth - 1)})`]);
    const type = pick(["i32", "f32"] as const);
    return `(${value(type, depth)} ${pick(["<", "<=", ">", ">=", "===", "!=="])} ${value(type, depth)})`;
  };

  const statements = (depth: number, count: number): string => {
    const [before, outer] = [locals.length, counters.length];
    const lines = Array.from({ length: count }, () => statement(depth));
    locals.length = before;
    counters.length = outer;
    return lines.join("\n");
  };
  const statement = (depth: number): string => {
    const sets = locals.filter(({ set }) => set);
    switch (int(depth === 0 ? 4 : 6)) {
      case 0: {
        const [type, set, name] = [pick(["i32", "f32"] as const), int(2) === 0, `v${names++}`];
        const first = value(type, 2);
        locals.push({ name, type, set });
        // What is written without a type is i32, and 1 is not 1.0.
        return `${set ? "let" : "const"} ${name} = ${type === "f32" ? `Math.fround(${first})` : first};`;
      }
      case 1:
        if (sets.length > 0) {
          const { name, type } = pick(sets);
          return `${name} = ${value(type, 2)};`;
        }
        return `y[${index(gives)}] = ${value(output, 2)};`;
      case 2:
      case 3:
        return `y[${index(gives)}] = ${value(output, 2)};`;
      case 4:
        return `if (${truth(1)}) {\n${statements(depth - 1, 2)}\n} else {\n${statements(depth - 1, 1)}\n}`;
      default: {
        const [name, rounds] = [`i${names++}`, pick([1, 3, Math.min(takes, gives)])];
        const computed = input === "i32" ? "x[0] & 3" : "Math.trunc(x[0]) & 3";
        const bound = int(3) === 0 && rounds === 3 ? `(${computed})` : `${rounds}`;
        counters.push({ name, below: rounds });
        const body = statements(depth - 1, 2);
        counters.pop();
        return `for (let ${name} = 0; ${name} < ${bound}; ${name}++) {\n${body}\n}`;
      }
    }
  };
  const text = `(x, y) => {\n${statements(2, 5)}\n}`;
  const body = Object.assign(() => undefined, { toString: () => text });
  return graph(
    source(input)
      .to(task({ label: "random", input, output, takes, gives }, body))
      .to(sink(output)),
  );
}

const type = fc.constantFrom("i32", "f32");
const size = fc.constantFrom(1, 3, 20);

/** Whole numbers of all sizes, or numbers of all exponents. */
function elements(seed: number, type: ElementType, length: number): Int32Array | Float32Array {
  const { bits, int } = random(`input ${seed}`);
  const words = Int32Array.from({ length }, () => bits() >> int(32));
  return type === "i32" ? words : Float32Array.from(words, (word) => (int(8) === 0 ? 0 : word * 2 ** (int(80) - 60)));
}

/** Bits in which every NaN is the same. */
function canonical(results: Int32Array | Float32Array): Int32Array {
  const words = new Int32Array(results.slice().buffer);
  return words.map((word, at) => (Number.isNaN(results[at]) ? 0x7fc00000 : word));
}

describe("random tasks", () => {
  it("give what JavaScript gives in the model", { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(fc.integer(), type, type, size, size, (seed, input, output, takes, gives) => {
        const made = program(seed, input, output, takes, gives);
        const given = elements(seed, input, 4 * takes);
        expect(fpgaDesign(made).run(given).output).toEqual(run(made, given));
      }),
      { numRuns: 150 },
    );
  });

  it.skipIf(!tool("iverilog", ["-V"]))(
    "give the same bits in the same cycles in Icarus Verilog",
    { timeout: 120_000 },
    () => {
      fc.assert(
        fc.property(fc.integer(), type, type, size, size, (seed, input, output, takes, gives) => {
          const made = program(seed, input, output, takes, gives);
          const given = elements(seed, input, 4 * takes);
          const { verilog, run: model } = fpgaDesign(made);
          const simulated = vvp(verilog, given, 4 * gives);
          const found = output === "i32" ? simulated.bits : new Float32Array(simulated.bits.buffer);
          expect(canonical(found)).toEqual(canonical(run(made, given)));
          expect(simulated.cycles).toBe(model(given).cycles);
        }),
        { numRuns: 12 },
      );
    },
  );
});
