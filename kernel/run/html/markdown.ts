import { Marked, type Tokens } from "marked";

import { isJsonObject, type JsonObject } from "../../protocol/json.ts";
import { escapeHtml } from "./escape.ts";
import { highlight } from "./highlight.ts";
import { blockMath, inlineMath, type Formula } from "./math-syntax.ts";
import type { DrawMath } from "./math.ts";
import { sanitize, type FileLink } from "./sanitize.ts";

/** A heading of the notebook, for its table of contents. */
export interface Heading {
  readonly level: number;
  /** Its text as sanitised HTML, without links. */
  readonly html: string;
  readonly id: string;
}

/** Turns Markdown into safe HTML. */
export interface MarkdownRenderer {
  render(source: string, attachments?: JsonObject): string;
  /** Makes HTML safe, as that in Markdown is. */
  clean(html: string): string;
  /** The headings that were rendered so far, in order. */
  readonly headings: readonly Heading[];
}

/** Whether a Markdown text has something in it that looks like TeX. */
export function hasMath(source: string): boolean {
  return /\$|\\\\[([]|\\begin\{/u.test(source);
}

/**
 * A renderer of GitHub's Markdown with TeX (`$…$`, `$$…$$`, `\\(…\\)`, `\\[…\\]`, `\begin{…}`) as Jupyter reads it,
 * fenced code in colour, images from a cell's attachments, and anchors at headings. What an author's HTML may hold is
 * limited by {@link sanitize}.
 *
 * @param drawMath Draws formulas; without it TeX stays as it is
 * @param images The `data:` address of each image that stands in a file beside the notebook, by its reference
 * @param fileLink Where links to files lead from the page; without it they stay as they are
 */
export function createMarkdown(
  drawMath: DrawMath | undefined,
  images: ReadonlyMap<string, string> = new Map(),
  fileLink?: FileLink,
): MarkdownRenderer {
  const headings: Heading[] = [];
  const ids = new Set<string>();
  let attachments: JsonObject = {};
  // Formulas are drawn after sanitising, which would take their SVG apart; a numbered element holds each one's place.
  let formulas: string[] = [];
  const formula = (tex: string, display: boolean): string => {
    if (drawMath === undefined) return escapeHtml(tex);
    formulas.push(`<span class="math${display ? " math-display" : ""}">${drawMath(tex, display)}</span>`);
    return `<span data-math="${formulas.length - 1}"></span>`;
  };
  const renderFormula = (token: Tokens.Generic): string => formula(String(token["tex"]), token["display"] === true);
  const marked = new Marked({
    gfm: true,
    extensions: [
      {
        name: "mathBlock",
        level: "block",
        start: (source) => /\$\$|\\begin\{|\\\\\[/u.exec(source)?.index,
        tokenizer: (source) => token("mathBlock", blockMath(source)),
        renderer: (token) => `<p>${renderFormula(token)}</p>\n`,
      },
      {
        name: "mathInline",
        level: "inline",
        start: (source) => /\$|\\\\[([]/u.exec(source)?.index,
        tokenizer: (source) => token("mathInline", inlineMath(source)),
        renderer: renderFormula,
      },
    ],
    renderer: {
      code: ({ text, lang }) => `<pre><code>${highlight(text, lang?.split(/\s/u)[0] ?? "")}</code></pre>\n`,
      heading({ tokens, depth, text }) {
        const html = this.parser.parseInline(tokens);
        const id = unique(anchorOf(text), ids);
        headings.push({ level: depth, html: html.replaceAll(/<\/?a\b[^>]*>/gu, ""), id });
        return `<h${depth} id="${escapeHtml(id)}">${html}</h${depth}>\n`;
      },
      image({ href, title, text }) {
        const source = href.startsWith("attachment:")
          ? attached(attachments, href.slice("attachment:".length))
          : (images.get(href) ?? href);
        // A page that asks nothing of the network can only link to an image that is elsewhere.
        if (!source.startsWith("data:")) return `<a href="${escapeHtml(href)}">${escapeHtml(text || href)}</a>`;
        const tooltip = title === null ? "" : ` title="${escapeHtml(title)}"`;
        return `<img src="${escapeHtml(source)}" alt="${escapeHtml(text)}"${tooltip}>`;
      },
    },
  });
  const finish = (html: string): string =>
    sanitize(html, fileLink).replaceAll(
      /<span data-math="(\d+)"><\/span>/gu,
      (place, index: string) => formulas[Number(index)] ?? place,
    );
  return {
    get headings() {
      return headings;
    },
    clean: (html) => sanitize(html, fileLink),
    render(source, cellAttachments = {}) {
      attachments = cellAttachments;
      formulas = [];
      const before = headings.length;
      const html = finish(marked.parse(source, { async: false }));
      for (const [at, heading] of headings.entries())
        if (at >= before) headings[at] = { ...heading, html: finish(heading.html) };
      return html;
    },
  };
}

function token(type: string, found: Formula | undefined): Tokens.Generic | undefined {
  return found === undefined ? undefined : { type, ...found };
}

/** Jupyter's anchors: the heading's text with hyphens for blanks. */
function anchorOf(text: string): string {
  return (
    text
      .replaceAll(/[`*_$]/gu, "")
      .trim()
      .replaceAll(/\s+/gu, "-") || "section"
  );
}

function unique(id: string, taken: Set<string>): string {
  let free = id;
  for (let n = 2; taken.has(free); n += 1) free = `${id}-${n}`;
  taken.add(free);
  return free;
}

function attached(attachments: JsonObject, name: string): string {
  const bundle = attachments[decodeURIComponent(name)] ?? attachments[name];
  if (!isJsonObject(bundle)) return "";
  const [image] = Object.entries(bundle).filter(([mime]) => mime.startsWith("image/"));
  return image === undefined || typeof image[1] !== "string" ? "" : `data:${image[0]};base64,${image[1]}`;
}
