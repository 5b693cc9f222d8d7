import sanitizeHtml from "sanitize-html";

const colour =
  /^(?:#[0-9a-f]{3,8}|[a-z]+|(?:rgb|hsl)a?\([\d\s.,%/-]+\)|var\(--[a-z-]+(?:,\s*[#\w]+)?\)|light-dark\([#\w\s,]+\))$/iu;
const length = /^(?:-?[\d.]+(?:px|em|rem|ch|ex|pt|%|vw)?\s*|auto\s*){1,4}$/iu;
const word = /^[a-z-]+$/iu;
const border = /^[\w\s.#%(),-]+$/u;

/** Style properties that change only how an element looks, in its place. Positions and images (`url`) are not among them. */
const STYLES: Record<string, RegExp[]> = {
  ...Object.fromEntries(["color", "background-color", "border-color"].map((name) => [name, [colour]])),
  background: [colour, /^linear-gradient\([\w\s.,#%()-]+\)$/iu],
  ...Object.fromEntries(
    ["margin", "padding"].flatMap((name) =>
      ["", "-top", "-right", "-bottom", "-left"].map((side) => [name + side, [length]]),
    ),
  ),
  ...Object.fromEntries(
    ["border", "border-top", "border-right", "border-bottom", "border-left", "border-style", "border-width"].map(
      (name) => [name, [border]],
    ),
  ),
  ...Object.fromEntries(
    [
      "width",
      "height",
      "max-width",
      "max-height",
      "min-width",
      "min-height",
      "gap",
      "border-radius",
      "border-spacing",
    ].map((name) => [name, [length]]),
  ),
  ...Object.fromEntries(
    [
      "text-align",
      "vertical-align",
      "font-style",
      "font-variant-numeric",
      "white-space",
      "border-collapse",
      "overflow",
      "overflow-x",
      "overflow-y",
      "text-decoration",
      "text-transform",
      "table-layout",
      "align-items",
      "justify-content",
      "flex-wrap",
      "flex-direction",
      "list-style",
      "caption-side",
    ].map((name) => [name, [word]]),
  ),
  display: [/^(?:inline|block|inline-block|flex|inline-flex|grid|none|table|table-row|table-cell)$/iu],
  "font-weight": [/^(?:\d{3}|[a-z]+)$/iu],
  "font-size": [length, word],
  "font-family": [/^[\w\s,"'-]+$/u],
  "line-height": [/^[\d.]+(?:px|em|rem|%)?$|^normal$/iu],
  opacity: [/^[\d.]+$/u],
  "grid-template-columns": [/^[\w\s.,()%-]+$/u],
};

/** Where a link from a notebook to a file leads from its page; undefined where nowhere, and its text is no link. */
export type FileLink = (href: string) => string | undefined;

/** Whether a link leads to something by a scheme or a host, or to a place in the page, and not to a file of the notebook's folder. */
const isAddress = (href: string): boolean => /^(?:[a-z][a-z\d+.-]*:|\/\/|#)/iu.test(href);

/**
 * HTML of a notebook (text or output), for a page that its reader trusts and its author may not deserve: scripts,
 * event handlers, frames, forms, `javascript:` addresses and style sheets are taken out; tables, images (embedded or
 * linked), details and the inline styles of tables and badges stay.
 *
 * @param fileLink without it, links to files stay as they are
 */
export function sanitize(html: string, fileLink: FileLink = (href) => href): string {
  return sanitizeHtml(html, {
    allowedTags: [
      ...sanitizeHtml.defaults.allowedTags,
      ...["img", "details", "summary", "del", "ins", "picture", "meter", "progress", "input"],
    ],
    allowedAttributes: {
      "*": ["style", "class", "title", "lang", "dir", "role", "aria-label", "aria-hidden", "data-math", "id"],
      a: ["href", "name"],
      img: ["src", "alt", "width", "height"],
      th: ["colspan", "rowspan", "scope", "align"],
      td: ["colspan", "rowspan", "align"],
      col: ["span"],
      ol: ["start", "type"],
      time: ["datetime"],
      details: ["open"],
      meter: ["min", "max", "low", "high", "optimum", "value"],
      progress: ["max", "value"],
      input: ["type", "checked", "disabled"],
    },
    allowedStyles: { "*": STYLES },
    allowedSchemes: ["http", "https", "mailto"],
    allowedSchemesByTag: { img: ["data", "http", "https"] },
    // A task list's box is the only control that Markdown makes.
    exclusiveFilter: (frame) => frame.tag === "input" && frame.attribs["type"] !== "checkbox",
    transformTags: {
      input: (tagName, attribs) => ({ tagName, attribs: { ...attribs, disabled: "disabled" } }),
      a(tagName, { href: written, ...attribs }) {
        // As browsers read it.
        const href = written?.trim();
        const place = href === undefined || isAddress(href) ? href : fileLink(href);
        return { tagName, attribs: { ...(place === undefined ? {} : { href: place }), ...attribs } };
      },
    },
  });
}
