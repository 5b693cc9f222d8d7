import { MATH, operatorText } from "../javascript-text.ts";
import type { Node, Register } from "./nodes.ts";
import type { Plan } from "./plan.ts";

/**
 * The text of a function that takes a task's values by name (`t_name`) and gives `(x, y)`, which computes one firing block by block as it was planned, and returns
 * the cycles that it takes. `x` is the window, and `y` the output, zeros before.
 */
export function modelText(plans: readonly Plan[]): string {
  const registers = new Set<Register>();
  for (const { block } of plans) for (const { register } of block.writes) registers.add(register);
  return [
    MATH,
    ...[...registers].map(({ name }) => `let ${name} = 0;`),
    "return (x, y) => {",
    "let cycles = 0;",
    "let block = 0;",
    "while (block >= 0) switch (block) {",
    ...plans.map(blockText),
    "}",
    "return cycles; };",
  ].join("\n");
}

function blockText({ block, nodes, steps, interval }: Plan, at: number): string {
  const { stores, writes, condition, yes, no } = block;
  return [
    `case ${at}: {`,
    ...nodes.map((node) => `const n${node.id} = ${nodeText(node)};`),
    ...stores.map(({ index, value, when }) => {
      const store = `y[n${index.id}] = n${value.id};`;
      return when === undefined ? store : `if (n${when.id}) ${store}`;
    }),
    ...writes.map(({ register, value }) => `${register.name} = n${value.id};`),
    ...(condition === undefined
      ? [`cycles += ${steps};`, `block = ${yes};`]
      : [`cycles += n${condition.id} ? ${interval} : ${steps};`, `block = n${condition.id} ? ${yes} : ${no};`]),
    "break; }",
  ].join("\n");
}

function nodeText(node: Node): string {
  switch (node.kind) {
    case "constant":
      return node.type === "bool" ? `${node.value === 1}` : Object.is(node.value, -0) ? "-0" : `${node.value}`;
    case "register":
      return node.register.name;
    case "element":
      return `${node.memory.kind === "window" ? "x" : `t_${node.memory.name}`}[n${node.index.id}]`;
    case "apply": {
      const operands = node.operands.map(({ id }) => `n${id}`);
      if (node.operator === "next") return operands.join(" + ");
      return operatorText(node.operator, node.type, operands);
    }
  }
}
