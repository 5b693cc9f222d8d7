import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { extname, join } from "node:path";

import { acceptsGzip } from "../http/send-reply.ts";
import { HttpError, type Reply, type Route } from "../http/route.ts";

const types: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".map": "application/json; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".ttf": "font/ttf",
  ".wasm": "application/wasm",
  ".webp": "image/webp",
  ".woff": "font/woff",
  ".woff2": "font/woff2",
};

/** Files of the built page under a path: `files` are all that there are, each relative to `folder`. */
export function staticRoute(path: string, folder: string, files: ReadonlySet<string>): Route {
  return {
    method: "GET",
    path: `${path}/*file`,
    // The page's own files hold no secret, and the login page comes before any session.
    access: "public",
    async answer({ params: { file = "" }, headers }): Promise<Reply> {
      // Only what was built: no path can lead elsewhere.
      if (!files.has(file)) throw new HttpError(404, "there is no such file in the page");
      const type = types[extname(file)] ?? "application/octet-stream";
      const packed = files.has(`${file}.gz`) && acceptsGzip({ headers });
      const source = join(folder, packed ? `${file}.gz` : file);
      const size = await sizeOf(source);
      return {
        status: 200,
        headers: {
          "content-type": type,
          "content-length": size,
          // A name with a hash never means another content.
          "cache-control": hashed(file) ? "public, max-age=31536000, immutable" : "no-cache",
          ...(packed ? { "content-encoding": "gzip", vary: "accept-encoding" } : {}),
        },
        body: createReadStream(source),
      };
    },
  };
}

/** @throws HttpError 404 when the page was built anew while the server ran */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (cause) {
    throw new HttpError(404, "the page was built anew: start the server again", { cause });
  }
}

const hashed = (file: string): boolean => /\.[0-9a-f]{8,}\./u.test(file);
