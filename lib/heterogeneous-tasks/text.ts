import { type ArrowFunctionExpression, type Function as FunctionSyntax, parseSync, type Span } from "oxc-parser";
import { OptionError } from "../core/errors.ts";
import type { FunctionCode } from "./code.ts";

/** The source that is read, and the functions that were found in it. */
export interface Text {
  readonly label: string;
  readonly source: string;
  readonly functions: FunctionCode[];
  /** Those of the library that are among them. */
  readonly library: Map<string, FunctionKnown>;
}

/** A function that a text may call. */
export interface FunctionKnown {
  readonly kind: "function";
  readonly text: Text;
  readonly syntax: AnyFunction;
  /** Undefined before its first call, null while that is looked at. */
  code: FunctionCode | null | undefined;
}

type AnyFunction = ArrowFunctionExpression | FunctionSyntax;

/** The one function that a text is. */
export function parseFunction(text: Text): AnyFunction {
  const { program, errors } = parseSync("task.js", text.source, {
    lang: "js",
    sourceType: "module",
    preserveParens: false,
  });
  const [first] = program.body;
  const syntax = first?.type === "ExpressionStatement" ? first.expression : undefined;
  if (errors.length > 0 || (syntax?.type !== "ArrowFunctionExpression" && syntax?.type !== "FunctionExpression"))
    throw new OptionError(text.label, "the text of an arrow function or a function", text.source.slice(1, -1));
  if (syntax.async || syntax.generator) refuse(text, syntax, "a plain function");
  return syntax;
}

/** Throws an OptionError with the line of what is refused, and what would be right. */
export function refuse(text: Text, at: Span, expected: string): never {
  const line = text.source.slice(0, at.start).split("\n").length;
  throw new OptionError(`${text.label}, line ${line}`, expected, text.source.slice(at.start, at.end));
}
