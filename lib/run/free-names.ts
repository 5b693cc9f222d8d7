import { analyze } from "eslint-scope";
import { type Node, type Program, visitorKeys } from "oxc-parser";

/** Two descriptions of the same trees. */
type EstreeProgram = Parameters<typeof analyze>[0];

/** What a text takes from outside of itself. */
export interface FreeNames {
  /** The names that it reads or assigns, outside of every scope that declares them; `this` and `new.target` are among them. */
  readonly names: ReadonlySet<string>;
  /** Those of them that it assigns or updates. */
  readonly assigned: ReadonlySet<string>;
}

/**
 * What a text takes from outside of itself. Linear in the text times the depth of its scopes.
 *
 * @param program - parsed with `range`, which the scopes' analysis goes by, and without nodes for parentheses
 */
export function freeNames(program: Program): FreeNames {
  const { globalScope } = analyze(program as unknown as EstreeProgram, {
    ...{ ecmaVersion: 2025, sourceType: "module", childVisitorKeys: visitorKeys },
  });
  const through = globalScope?.through ?? [];
  const names = new Set(through.map(({ identifier }) => identifier.name));
  addOfFunctions(program, names);
  const writes = through.filter((reference) => reference.isWrite());
  return { names, assigned: new Set(writes.map(({ identifier }) => identifier.name)) };
}

/** What every function has of its own, arrows excepted: where it stands outside of them. */
function addOfFunctions(node: Node, names: Set<string>): void {
  switch (node.type) {
    case "ThisExpression":
      names.add("this");
      return;
    case "MetaProperty":
      if (node.meta.name === "new") names.add("new.target");
      return;
    case "FunctionExpression":
    case "FunctionDeclaration":
    case "StaticBlock":
      return;
    case "PropertyDefinition":
      // The value is a function's body.
      addOfFunctions(node.key, names);
      return;
    default:
      for (const child of children(node)) addOfFunctions(child, names);
  }
}

/** The nodes of which a node is made. */
export function children(node: Node): Node[] {
  const fields = node as unknown as Readonly<Record<string, unknown>>;
  return (visitorKeys[node.type] ?? []).flatMap((key) => fields[key]).filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}
