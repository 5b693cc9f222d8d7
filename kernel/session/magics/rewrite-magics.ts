import MagicString, { type DecodedSourceMap } from "magic-string";
import { parseSync, type Directive, type Program, type Statement } from "oxc-parser";
import { cellGlobal } from "../rewrite.ts";
import { topLevelNames } from "../scope.ts";
import { formOf } from "./names.ts";
import { expand } from "./expand.ts";
import type { MagicCell, MagicUse } from "./read-magics.ts";

/** A cell whose magics have become calls, in the same lines. */
export interface CallingCell {
  readonly code: string;
  /** The map to the cell's own text; made when it is first asked for. */
  readonly map: () => DecodedSourceMap;
}

/** What an import of these begins with is a magic that comes before all others; see {@link CallingCell}. */
export const magicImport = "%";

/**
 * Makes calls of the magics of a cell: of {@link MagicCalls}, under the global that all compiled cells call.
 *
 * @param names - the notebook's variables, for the magics that ask for them; those of the cell itself are added
 */
export function rewriteMagics({ uses, text }: MagicCell, names: Iterable<string>): CallingCell {
  const edited = new MagicString(text);
  const { program } = parseSync("cell.ts", text, { lang: "ts", sourceType: "module" });
  const earlier = new Set(names);
  const variables = new Set([...earlier, ...topLevelNames(program)]);
  for (const use of uses) {
    const statements = statementsOf(use, program.body);
    const within = uses.filter(({ start }) => use.before !== undefined && start >= use.end && start < use.before);
    if (statements.length + within.length > 0) around(edited, use, statements, within);
    else edited.overwrite(use.start, use.end, callOf(use, variables, argumentOf(use, program, earlier)));
  }
  let map: DecodedSourceMap | undefined;
  return {
    code: edited.toString(),
    map: () => (map ??= edited.generateDecodedMap({ hires: true, source: "cell.ts" })),
  };
}

/** The statements that a magic is about: all that begin on its line, or all of the cell. */
function statementsOf({ end, before }: MagicUse, body: readonly Statement[]): Statement[] {
  return body.filter(
    ({ type, start }) => type !== "EmptyStatement" && start >= end && before !== undefined && start < before,
  );
}

/** The line of a magic as an expression: values of variables are put into it where that is done. */
function argumentOf({ name, argument, start }: MagicUse, program: Program, earlier: ReadonlySet<string>): string {
  if (name !== "!" && formOf(name)?.expands !== true) return JSON.stringify(argument);
  const namesOf = (isOne: (statement: Statement | Directive) => boolean): ReadonlySet<string> =>
    topLevelNames({ ...program, body: program.body.filter(isOne) });
  // What the cell declares below has no value yet; its functions have.
  const known = namesOf((each) => each.start < start || each.type === "FunctionDeclaration");
  const later = namesOf((each) => each.start >= start && each.type !== "FunctionDeclaration");
  const parts = expand(argument, {
    isVariable: (name) => known.has(name) || (earlier.has(name) && !later.has(name)),
    isGlobal: (name) => name in globalThis,
  });
  const given = parts.map((part) => (typeof part === "string" ? JSON.stringify(part) : `(${part.expression})`));
  return parts.some((part) => typeof part !== "string")
    ? `await ${cellGlobal}.line(${given.join(", ")})`
    : (given[0] ?? '""');
}

function callOf({ name, argument, body }: MagicUse, names: Iterable<string>, line: string): string {
  const form = formOf(name);
  if (form?.beforeImports === true) return `;import ${JSON.stringify(`${magicImport}${name} ${argument}`)};`;
  const variables = form?.variables === true ? [...names].map((name) => `${name}: () => ${name}`) : [];
  const given = [JSON.stringify(name), line, ...(body === undefined ? [] : [JSON.stringify(body)])];
  const last = variables.length === 0 ? [] : [`{ ${variables.join(", ")} }`];
  const between = body === undefined && last.length > 0 ? ["undefined"] : [];
  return `;await ${cellGlobal}.magic(${[...given, ...between, ...last].join(", ")});`;
}

/** Puts what measures around the statements and magics; the value of the last statement, if it has one, stays the value of all. */
function around(
  edited: MagicString,
  { name, argument, end }: MagicUse,
  statements: readonly Statement[],
  within: readonly MagicUse[],
): void {
  const last = statements.at(-1);
  const start = within.length > 0 ? end : statements[0]!.start;
  const stop = Math.max(last?.end ?? 0, within.at(-1)?.end ?? 0);
  const value = last?.type === "ExpressionStatement" && last.end === stop ? last.expression : undefined;
  const wrapped = (opening: string, closing: string): void => {
    if (value === undefined) return;
    edited.appendLeft(value.start, opening);
    edited.prependRight(value.end, closing);
  };
  if (name === "timeit") {
    // Whoever waits in what is measured makes it asynchronous; elsewhere that would cost more than what is measured.
    const waits = within.length > 0 || !isSynchronous(edited.original.slice(start, stop));
    const loop = "for (let $turn = 0; $turn < $turns; $turn++)";
    edited.appendLeft(
      start,
      `await ${cellGlobal}.timeit(${JSON.stringify(argument)}, ${waits ? "async " : ""}($turns, $sink) => { ${loop} { `,
    );
    // What escapes is not left out by V8.
    wrapped("$sink.value = (", ")");
    edited.appendRight(stop, " } });");
  } else {
    edited.appendLeft(start, `${cellGlobal}.startTimer(); `);
    wrapped(`await ${cellGlobal}.stopTimer((`, "))");
    if (value === undefined) edited.appendRight(stop, `; await ${cellGlobal}.stopTimer();`);
  }
}

function isSynchronous(statements: string): boolean {
  const { errors } = parseSync("cell.ts", `() => {\n${statements}\n}`, { lang: "ts", sourceType: "module" });
  return errors.length === 0;
}
