import { describe, expect, it } from "vitest";
import { createImporter } from "../modules.ts";
import { openRepl } from "./repl.ts";

describe("what Node 20 lacks and the transpiler's helpers give", () => {
  const cells: Record<string, [cell: string, value: unknown]> = {
    "a method's decorator": [
      "function twice(_: object, __: string, d: PropertyDescriptor) { return { ...d, value: () => 2 * d.value() } }\nclass D { @twice m() { return 21 } }\nnew D().m()",
      42,
    ],
    "a class's and a parameter's": [
      "const seen: string[] = []\nconst see = (text: string) => (...a: any[]) => { seen.push(text + a.length) }\n@see('class') class E { constructor(@see('parameter') a: number) {} }\nseen.join()",
      "parameter3,class1",
    ],
    accessor: ["class F { accessor a = 1 }\nconst f = new F(); f.a = 5; f.a", 5],
    using: [
      "const log: string[] = []; { using a = { [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() { log.push('disposed') } }; log.push('used') }\nlog.join()",
      "used,disposed",
    ],
    "using at the top level, disposed at the cell's end": [
      "const ends: string[] = []\nusing b = { [Symbol.dispose ?? Symbol.for('Symbol.dispose')]() { ends.push('end') } }\nends.push('used')\nfunction end() { return ends }",
      undefined,
    ],
  };
  for (const [name, [cell, value]] of Object.entries(cells)) {
    it(name, async () => {
      const repl = openRepl(createImporter({ directory: import.meta.dirname, sources: new Map() }).cell);
      try {
        expect(await repl.run(cell)).toEqual({ value });
        if (name.includes("top level")) expect(await repl.run("end().join()")).toEqual({ value: "used,end" });
      } finally {
        repl.close();
      }
    });
  }
});
