import { createHash } from "node:crypto";

import { escapeHtml } from "./escape.ts";
import { STYLE } from "./style.ts";

/** By this a page is known as one of ours. */
export const GENERATOR = '<meta name="generator" content="veelab">';

/** What a page is made of. */
export interface Page {
  readonly title: string;
  /** Style sheets after the common one. */
  readonly style?: string;
  /** The body's HTML, already safe. */
  readonly body: string;
  /** Scripts at its end. */
  readonly scripts?: readonly string[];
  /** Whether it has a form, which is sent to where the page came from. */
  readonly form?: boolean;
}

/**
 * A page in one file that asks nothing of the network. Its policy lets only its own scripts run, each known by its hash,
 * so that a script which slipped into a notebook's HTML would not.
 */
export function htmlPage({ title, style = "", body, scripts = [], form = false }: Page): string {
  const safe = scripts.map(inlineScript);
  const hashes = safe.map((script) => `'sha256-${createHash("sha256").update(script).digest("base64")}'`);
  const policy = [
    "default-src 'none'",
    `script-src ${hashes.length > 0 ? hashes.join(" ") : "'none'"}`,
    // Vega and the tables of outputs style their elements in place.
    "style-src 'unsafe-inline'",
    "img-src data: blob:",
    "base-uri 'none'",
    `form-action ${form ? "'self'" : "'none'"}`,
  ].join("; ");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
${GENERATOR}
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${STYLE}${style}</style>
</head>
<body>
${body}
${safe.map((script) => `<script>${script}</script>\n`).join("")}</body>
</html>
`;
}

/** A script's text such that no part of it ends its element or opens a comment. */
function inlineScript(script: string): string {
  return script.replaceAll(/<\/(?=script)/giu, "<\\/").replaceAll("<!--", "<\\!--");
}
