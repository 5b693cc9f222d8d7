import { escapeHtml } from "./escape.ts";

interface Style {
  bold: boolean;
  faint: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
  front: string | undefined;
  back: string | undefined;
}

const plain = (): Style => ({
  bold: false,
  faint: false,
  italic: false,
  underline: false,
  inverse: false,
  front: undefined,
  back: undefined,
});

/**
 * Text with ANSI escapes as HTML: colours and styles become `<span class="ansi-…">`, colours outside the sixteen named
 * ones an inline colour, and every other escape is dropped. The text itself is escaped.
 */
export function ansiToHtml(text: string): string {
  const style = plain();
  let html = "";
  let end = 0;
  for (const match of text.matchAll(ESCAPE)) {
    html += span(style, text.slice(end, match.index));
    end = match.index + match[0].length;
    if (match[2] === "m") apply(style, match[1] === "" ? [0] : match[1]!.split(/[;:]/u).map(Number));
  }
  return html + span(style, text.slice(end));
}

/** Text without its ANSI escapes. */
export function stripAnsi(text: string): string {
  return text.replaceAll(ESCAPE, "");
}

// CSI sequences with their parameters and final letter; OSC sequences (links, titles); two-character escapes.
const ESCAPE = /\x1b(?:\[([0-9;:]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_=>78])/gu;

function apply(style: Style, codes: readonly number[]): void {
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i]!;
    if (code === 0) Object.assign(style, plain());
    else if (code === 1) style.bold = true;
    else if (code === 2) style.faint = true;
    else if (code === 3) style.italic = true;
    else if (code === 4) style.underline = true;
    else if (code === 7) style.inverse = true;
    else if (code === 22) style.bold = style.faint = false;
    else if (code === 23) style.italic = false;
    else if (code === 24) style.underline = false;
    else if (code === 27) style.inverse = false;
    else if (code >= 30 && code <= 37) style.front = NAMES[code - 30];
    else if (code === 39) style.front = undefined;
    else if (code >= 40 && code <= 47) style.back = NAMES[code - 40];
    else if (code === 49) style.back = undefined;
    else if (code >= 90 && code <= 97) style.front = `bright-${NAMES[code - 90]!}`;
    else if (code >= 100 && code <= 107) style.back = `bright-${NAMES[code - 100]!}`;
    else if (code === 38 || code === 48) {
      const [colour, used] = extended(codes.slice(i + 1));
      if (code === 38) style.front = colour;
      else style.back = colour;
      i += used;
    }
  }
}

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/** A colour of the 256-colour table (`5;n`) or of 24 bits (`2;r;g;b`), and how many codes it took. */
function extended([kind, ...rest]: readonly number[]): [string | undefined, number] {
  if (kind === 2) return [rgb(rest.slice(0, 3)), 4];
  if (kind !== 5) return [undefined, 1];
  const n = rest[0] ?? 0;
  if (n < 8) return [NAMES[n], 2];
  if (n < 16) return [`bright-${NAMES[n - 8]!}`, 2];
  if (n >= 232) return [rgb([0, 0, 0].map(() => 8 + 10 * (n - 232))), 2];
  const level = (value: number): number => (value === 0 ? 0 : 55 + 40 * value);
  const cube = n - 16;
  return [rgb([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level)), 2];
}

const rgb = (parts: readonly number[]): string =>
  `rgb(${[0, 1, 2].map((i) => Math.min(255, Math.max(0, parts[i] ?? 0))).join(", ")})`;

function span(style: Style, text: string): string {
  if (text === "") return "";
  const classes: string[] = [];
  const inline: string[] = [];
  for (const name of ["bold", "faint", "italic", "underline", "inverse"] as const)
    if (style[name]) classes.push(`ansi-${name}`);
  for (const [side, property] of [
    ["front", "color"],
    ["back", "background-color"],
  ] as const) {
    const colour = style[side];
    if (colour?.startsWith("rgb") === true) inline.push(`${property}: ${colour}`);
    else if (colour !== undefined) classes.push(`ansi-${side}-${colour}`);
  }
  const escaped = escapeHtml(text);
  if (classes.length === 0 && inline.length === 0) return escaped;
  const attributes = [
    ...(classes.length > 0 ? [` class="${classes.join(" ")}"`] : []),
    ...(inline.length > 0 ? [` style="${inline.join("; ")}"`] : []),
  ];
  return `<span${attributes.join("")}>${escaped}</span>`;
}
