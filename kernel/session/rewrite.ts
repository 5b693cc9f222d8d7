import MagicString, { type DecodedSourceMap } from "magic-string";
import {
  parseSync,
  type ExportDefaultDeclaration,
  type ExportNamedDeclaration,
  type Function as FunctionNode,
  type ImportDeclaration,
  type Node,
  type Program,
  type Statement,
  type VariableDeclaration,
} from "oxc-parser";
import type { MagicCalls } from "./magics/magic-calls.ts";
import { boundNames, constantAssignments, hoistedVariables } from "./scope.ts";

/**
 * The name of the global object that compiled cells call: a {@link CellGlobal}. The kernel defines it before the first
 * cell; it cannot be declared again.
 */
export const cellGlobal = "__veelab__";

/** What compiled cells call at run time. */
export interface CellGlobal extends Partial<MagicCalls> {
  /** `import(specifier, { with })` of a cell. */
  readonly import: (specifier: unknown, options?: unknown) => Promise<unknown>;
  /** A static import: the exports named, `*` for all; throws where one is missing. */
  readonly names: (
    specifier: string,
    names: readonly string[],
    attributes: Readonly<Record<string, string>>,
  ) => Promise<Readonly<Record<string, unknown>>>;
  /** `import.meta` of a cell. */
  readonly meta: Readonly<Record<string, unknown>>;
  /** Reads a variable that may have been declared by an earlier cell; undefined otherwise. */
  readonly previous: (read: () => unknown) => unknown;
  /** Throws the TypeError of an assignment to a constant. */
  readonly constant: (name: string) => never;
}

/** How a name of a cell's top level was declared: `constant` by `const` or `import`, `variable` by anything else. */
export type NameKind = "constant" | "variable";

/** A cell's JavaScript as V8's REPL mode takes it, and the way back. */
export interface RewrittenCell {
  readonly code: string;
  readonly declares: ReadonlyMap<string, NameKind>;
  /** The map to the JavaScript that was given; made when it is first asked for. */
  readonly map: () => DecodedSourceMap;
}

/** Rewrites JavaScript without types; see `compileCell` for what and why. */
export function rewriteCell(code: string, constants: ReadonlySet<string>): RewrittenCell {
  const { program, module } = parseSync("cell.js", code, { lang: "js", sourceType: "module" });
  const rewrite = new CellRewrite(code, program);
  for (const statement of program.body) rewrite.statement(statement);
  for (const variable of rewrite.variables) rewrite.variable(variable.node, variable.place);
  for (const { start, end } of module.importMetas) rewrite.text.overwrite(start, end, `${cellGlobal}.meta`);
  for (const { start } of module.dynamicImports) {
    rewrite.text.overwrite(start, start + "import".length, `${cellGlobal}.import`);
  }
  rewrite.constants(program, constants);
  rewrite.finish(program);
  let map: DecodedSourceMap | undefined;
  return {
    code: rewrite.text.toString(),
    declares: rewrite.declares,
    map: () => (map ??= rewrite.text.generateDecodedMap({ hires: true, source: "cell.js" })),
  };
}

/** The edits of one cell. */
class CellRewrite {
  readonly text: MagicString;
  readonly declares: Map<string, NameKind> = new Map<string, NameKind>();
  readonly variables: ReturnType<typeof hoistedVariables>;
  /** Names that need a `let` of their own before the first statement. */
  readonly #functions: Set<string> = new Set<string>();
  /** Where what must come first is moved to: the first statement that need not. */
  #first: number | undefined;

  constructor(code: string, program: Program) {
    this.text = new MagicString(code);
    this.variables = hoistedVariables(program);
    for (const { names } of this.variables) for (const name of names.keys()) this.declares.set(name, "variable");
  }

  statement(statement: Statement): void {
    switch (statement.type) {
      case "ImportDeclaration":
        this.text.overwrite(statement.start, statement.end, importCall(statement));
        for (const { local } of statement.specifiers) this.declares.set(local.name, "constant");
        this.#hoist(statement);
        break;
      case "ExportAllDeclaration":
        this.text.overwrite(statement.start, statement.end, importForEffect(statement.source.value));
        this.#hoist(statement);
        break;
      case "ExportNamedDeclaration":
        this.#exportNamed(statement);
        break;
      case "ExportDefaultDeclaration":
        this.#exportDefault(statement);
        break;
      default:
        this.#declaration(statement, statement);
    }
  }

  /** A declaration, within the statement (an `export`, or itself) that is moved with it. */
  #declaration(node: Node, statement: Node): void {
    if (node.type === "FunctionDeclaration") {
      this.#function(node);
      this.#hoist(statement);
      return;
    }
    this.#first ??= statement.start;
    if (node.type === "ClassDeclaration" && node.id !== null) this.declares.set(node.id.name, "variable");
    if (node.type !== "VariableDeclaration" || node.kind === "var") return;
    const constant = node.kind === "const";
    if (constant) this.text.overwrite(node.start, node.start + "const".length, "let");
    for (const { id } of node.declarations) {
      for (const name of boundNames(id)) this.declares.set(name, constant ? "constant" : "variable");
    }
  }

  /** `function f() {}` becomes `f = function() {};`, which takes its name from the variable. */
  #function(node: FunctionNode): void {
    const id = node.id!;
    this.text.remove(id.start, id.end);
    this.text.prependRight(node.start, `${id.name} = `);
    this.text.appendLeft(node.end, ";");
    this.#functions.add(id.name);
    this.declares.set(id.name, "variable");
  }

  #hoist({ start, end }: Node): void {
    if (this.#first !== undefined) this.text.move(start, end, this.#first);
  }

  #exportNamed(statement: ExportNamedDeclaration): void {
    const { declaration, source } = statement;
    if (declaration !== null) {
      this.text.remove(statement.start, declaration.start);
      this.#declaration(declaration, statement);
    } else if (source !== null) {
      this.text.overwrite(statement.start, statement.end, importForEffect(source.value));
      this.#hoist(statement);
    } else {
      this.text.overwrite(statement.start, statement.end, ";");
    }
  }

  #exportDefault(statement: ExportDefaultDeclaration): void {
    const { declaration } = statement;
    const named =
      (declaration.type === "FunctionDeclaration" || declaration.type === "ClassDeclaration") && declaration.id;
    if (named) {
      this.text.remove(statement.start, declaration.start);
      this.#declaration(declaration, statement);
    } else {
      this.#first ??= statement.start;
      this.text.overwrite(statement.start, declaration.start, "(");
      this.text.appendLeft(declaration.end, ");");
    }
  }

  /** A `var`, wherever it stands, becomes assignments to a `let` of the top level. */
  variable(node: VariableDeclaration, place: "statement" | "for" | "head"): void {
    const { declarations } = node;
    if (place === "head") {
      this.text.remove(node.start, declarations[0]!.id.start);
      return;
    }
    const [opening, closing, empty] = place === "for" ? ["(", ")", ""] : ["(", ");", ";"];
    const assigned = declarations.filter(({ init }) => init !== null);
    const [first] = assigned;
    if (first === undefined) {
      this.text.overwrite(node.start, node.end, empty === "" ? " " : empty);
      return;
    }
    this.text.overwrite(node.start, first.start, opening);
    assigned.slice(1).forEach((next, index) => this.text.overwrite(assigned[index]!.end, next.start, ", "));
    const end = assigned.at(-1)!.end;
    if (end < node.end) this.text.overwrite(end, node.end, closing);
    else this.text.appendLeft(end, closing);
  }

  constants(program: Program, earlier: ReadonlySet<string>): void {
    const names = new Set([...earlier].filter((name) => !this.declares.has(name)));
    for (const [name, kind] of this.declares) if (kind === "constant") names.add(name);
    for (const { name, value, whole } of constantAssignments(program, names)) {
      const refusal = `${cellGlobal}.constant(${JSON.stringify(name)})`;
      if (value === undefined) {
        this.text.overwrite(whole.start, whole.end, refusal);
      } else {
        this.text.prependRight(value.start, "(");
        this.text.appendLeft(value.end, `, ${refusal})`);
      }
    }
  }

  /** Declares what was hoisted, and makes the completion value that of the last statement alone. */
  finish(program: Program): void {
    const enums = new Set<string>();
    const kept = new Set<string>();
    for (const { names } of this.variables) {
      for (const [name, isEnum] of names) (isEnum ? enums : kept).add(name);
    }
    const fresh = [...new Set([...this.#functions, ...enums])];
    const carried = [...kept].filter((name) => !fresh.includes(name));
    const declarations = [...fresh, ...carried.map((name) => `${name} = ${cellGlobal}.previous(() => ${name})`)];
    this.text.prepend(`"use strict"; ${declarations.length === 0 ? "" : `let ${declarations.join(", ")}; `}`);
    const last = program.body.findLast(({ type }) => type !== "EmptyStatement");
    if (!(last !== undefined && hasValue(last))) this.text.append("\nvoid 0;");
  }
}

function hasValue(statement: Statement): boolean {
  if (statement.type !== "ExportDefaultDeclaration") return statement.type === "ExpressionStatement";
  return !["FunctionDeclaration", "ClassDeclaration"].includes(statement.declaration.type);
}

function importCall({ source, specifiers, attributes }: ImportDeclaration): string {
  if (specifiers.length === 0) return importForEffect(source.value);
  const bindings = specifiers.map((specifier) => {
    const name = importedName(specifier);
    return { name, text: `${JSON.stringify(name)}: ${specifier.local.name}` };
  });
  const types = attributes.map(({ key, value }) => [key.type === "Identifier" ? key.name : key.value, value.value]);
  const call = [source.value, bindings.map(({ name }) => name), Object.fromEntries(types)].map((part) =>
    JSON.stringify(part),
  );
  return `let { ${bindings.map(({ text }) => text).join(", ")} } = await ${cellGlobal}.names(${call.join(", ")});`;
}

function importedName(specifier: ImportDeclaration["specifiers"][number]): string {
  if (specifier.type === "ImportDefaultSpecifier") return "default";
  if (specifier.type === "ImportNamespaceSpecifier") return "*";
  return specifier.imported.type === "Literal" ? specifier.imported.value : specifier.imported.name;
}

function importForEffect(specifier: string): string {
  return `await ${cellGlobal}.import(${JSON.stringify(specifier)});`;
}
