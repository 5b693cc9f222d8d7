import type { Magic } from "./magic.ts";

const form = (name: string, what: string, type: string, help: string): Magic => ({
  summary: `shows the cell as ${what}`,
  usage: [`%%${name}`],
  help,
  run({ body }, host) {
    host.show(type, body);
  },
});

const trusted = "Front ends run scripts only of notebooks that are trusted.";

/** `%%html`. */
export const html: Magic = form("html", "HTML", "text/html", trusted);
/** `%%javascript`. */
export const javascript: Magic = form(
  "javascript",
  "a script",
  "text/javascript",
  `The front end runs it; the kernel does not. ${trusted} As cells of TypeScript run in the kernel, they share no variables with it.`,
);
/** `%%latex`. */
export const latex: Magic = form("latex", "formulas", "text/latex", "Formulas stand between dollar signs.");
/** `%%markdown`. */
export const markdown: Magic = form("markdown", "Markdown", "text/markdown", "As a Markdown cell, but as an output.");
/** `%%svg`. */
export const svg: Magic = form("svg", "a picture", "image/svg+xml", "The lines below it are an <svg> element.");
