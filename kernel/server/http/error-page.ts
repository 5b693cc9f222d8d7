import { STATUS_CODES } from "node:http";

import { escapeHtml } from "../../run/html/escape.ts";
import { htmlPage } from "../../run/html/page.ts";
import type { HttpError, Reply } from "./route.ts";

/** A refusal as a page for a person. */
export function errorPage({ status, message }: HttpError): Reply {
  const name = STATUS_CODES[status] ?? "Error";
  const body = `<main><h1>${escapeHtml(name)}</h1><p>${escapeHtml(message)}.</p><p><a href="/">To the notebooks</a></p></main>`;
  return htmlReply(htmlPage({ title: `${name} · veelab`, body }), status);
}

/** HTML as an answer. */
export function htmlReply(body: string, status = 200): Reply {
  return { status, headers: { "content-type": "text/html; charset=utf-8" }, body };
}
