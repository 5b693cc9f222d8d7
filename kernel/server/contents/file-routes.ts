import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http";

import type { Reply, Route } from "../http/route.ts";
import { splitPath } from "./api-path.ts";
import { attachment } from "./attachment.ts";
import { byteRange } from "./byte-range.ts";
import type { Contents } from "./contents.ts";
import { mimeTypeOf } from "./mime-types.ts";
import type { OpenFile } from "./open-file.ts";

/**
 * Files as they are, streamed. They are of the user's making or a stranger's: the policy shows them in a sandbox.
 */
export function fileRoutes(contents: Contents): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/files/*path",
      policy: "file",
      async answer({ params, headers, url }) {
        const file = await contents.open(params["path"]!);
        const reply = fileReply(file, headers, url.searchParams);
        if (reply.body === undefined) await file.handle.close();
        return reply;
      },
    },
  ];
}

function fileReply({ path, handle, stats }: OpenFile, asked: IncomingHttpHeaders, query: URLSearchParams): Reply {
  const { name } = splitPath(path);
  const size = Number(stats.size);
  const etag = `"${stats.mtimeNs.toString(36)}-${stats.size.toString(36)}"`;
  const modified = new Date(Number(stats.mtimeMs)).toUTCString();
  const headers: OutgoingHttpHeaders = {
    "content-type": typeOf(name),
    etag,
    "last-modified": modified,
    "accept-ranges": "bytes",
    // Kept by the browser, and asked for again each time.
    "cache-control": "private, no-cache",
    ...(isDownload(name, query) ? { "content-disposition": attachment(name) } : {}),
  };
  if (isKnown(asked, etag, Number(stats.mtimeMs))) return { status: 304, headers };

  const condition = asked["if-range"];
  const whole = condition !== undefined && condition !== etag && condition !== modified;
  const range = byteRange(whole ? undefined : asked.range, size);
  if (range === "none") return { status: 416, headers: { ...headers, "content-range": `bytes */${size}` } };
  // Without bytes there is nothing to stream, and a stream to the byte before the first is an error.
  if (size === 0) return { status: 200, headers: { ...headers, "content-length": 0 } };
  const { start, end } = range === "whole" ? { start: 0, end: size - 1 } : range;
  return {
    status: range === "whole" ? 200 : 206,
    headers: {
      ...headers,
      "content-length": end - start + 1,
      ...(range === "whole" ? {} : { "content-range": `bytes ${start}-${end}/${size}` }),
    },
    // To the end that was promised, though the file may grow meanwhile.
    body: handle.createReadStream({ start, end }),
  };
}

/** A notebook is a document of the notebook page, which a browser alone would show as JSON. */
function isDownload(name: string, query: URLSearchParams): boolean {
  return name.endsWith(".ipynb") || (query.get("download") ?? "") !== "";
}

function isKnown(asked: IncomingHttpHeaders, etag: string, mtimeMs: number): boolean {
  const tags = asked["if-none-match"];
  if (tags !== undefined) return tags.split(",").some((tag) => tag.trim() === etag || tag.trim() === "*");
  const since = Date.parse(asked["if-modified-since"] ?? "");
  return !Number.isNaN(since) && mtimeMs < since + 1000;
}

function typeOf(name: string): string {
  if (name.endsWith(".ipynb")) return "application/x-ipynb+json";
  const type = mimeTypeOf(name) ?? "application/octet-stream";
  // HTML and CSS say themselves how they are encoded; other text cannot.
  return type.startsWith("text/") && type !== "text/html" && type !== "text/css" ? `${type}; charset=utf-8` : type;
}
