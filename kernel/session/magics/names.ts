/** Where a magic stands: on a line of its own, at the top of a cell that is its body, or before statements of TypeScript. */
export interface MagicForm {
  readonly form: "line" | "cell" | "statement";
  /** Set where it asks for the variables of the notebook. */
  readonly variables?: true;
  /** Set where values of the notebook's variables are put into its line. */
  readonly expands?: true;
  /** Set where it runs before the cell's imports, as these may need it. */
  readonly beforeImports?: true;
}

/** The name of a magic, without its percent signs. */
export type MagicName =
  | (
      | "bash"
      | "cd"
      | "check"
      | "env"
      | "help"
      | "html"
      | "javascript"
      | "latex"
      | "load"
      | "lsmagic"
      | "markdown"
      | "npm"
    )
  | ("pwd" | "sh" | "svg" | "time" | "timeit" | "who" | "whos" | "writefile");

/** All magics: what must be known of them to read a cell. What they do is loaded when one is used. */
export const magicForms: Readonly<Record<MagicName, MagicForm>> = {
  bash: { form: "cell", expands: true },
  cd: { form: "line", expands: true },
  check: { form: "line" },
  env: { form: "line", expands: true },
  help: { form: "line" },
  html: { form: "cell" },
  javascript: { form: "cell" },
  latex: { form: "cell" },
  load: { form: "line", expands: true },
  lsmagic: { form: "line" },
  markdown: { form: "cell" },
  npm: { form: "line", beforeImports: true },
  pwd: { form: "line" },
  sh: { form: "cell", expands: true },
  svg: { form: "cell" },
  time: { form: "statement" },
  timeit: { form: "statement" },
  who: { form: "line", variables: true },
  whos: { form: "line", variables: true },
  writefile: { form: "cell", expands: true },
};

/** How a magic is read; nothing for a name that is none. */
export function formOf(name: string): MagicForm | undefined {
  return Object.hasOwn(magicForms, name) ? magicForms[name as MagicName] : undefined;
}

/** A name with its percent signs. */
export function signed(name: MagicName): string {
  return `${magicForms[name].form === "cell" ? "%%" : "%"}${name}`;
}

/** Whether a cell may have magics: says no to almost every cell, in no time. */
export function mayHaveMagics(source: string): boolean {
  return /^[^\S\n]*[%!]/m.test(source);
}
