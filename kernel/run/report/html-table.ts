import { escapeHtml } from "../html/escape.ts";

/** A cell: its HTML, already safe, and classes for its look. */
export interface TableCell {
  readonly html: string;
  readonly kind?: string;
  /** A cell that names its row. */
  readonly heads?: boolean;
}

/** A table with its title. */
export interface HtmlTable {
  /** As HTML. */
  readonly caption: string;
  /** What it is called where its caption says less. */
  readonly name?: string;
  readonly head: readonly TableCell[];
  readonly rows: readonly (readonly TableCell[])[];
  readonly kind?: string;
}

/** A text as a cell. */
export function textCell(text: string, kind = ""): TableCell {
  return { html: escapeHtml(text), kind };
}

/**
 * A table that scrolls by itself where the page is narrow, also by the keyboard, and is named by its caption.
 */
export function tableHtml({ caption, name, head, rows, kind = "" }: HtmlTable): string {
  const heads = head.map((cell) => element("th", ' scope="col"', cell)).join("");
  const body = rows.map((row) => {
    const cells = row.map((cell) =>
      cell.heads === true ? element("th", ' scope="row"', cell) : element("td", "", cell),
    );
    return `<tr>${cells.join("")}</tr>`;
  });
  const label = name === undefined ? caption.replaceAll(/<[^>]*>/gu, "") : escapeHtml(name);
  return (
    `<div class="scroll" role="region" tabindex="0" aria-label="${label}">` +
    `<table${classOf(kind)}><caption>${caption}</caption>\n<thead><tr>${heads}</tr></thead>\n` +
    `<tbody>${body.join("\n")}</tbody></table></div>`
  );
}

function element(tag: "td" | "th", scope: string, { html, kind = "" }: TableCell): string {
  return `<${tag}${scope}${classOf(kind)}>${html}</${tag}>`;
}

const classOf = (kind: string): string => (kind === "" ? "" : ` class="${kind}"`);
