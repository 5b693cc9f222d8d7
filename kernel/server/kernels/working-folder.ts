import { realpath, stat } from "node:fs/promises";
import { dirname, join, sep } from "node:path";

import { HttpError } from "../http/route.ts";

/**
 * The folder in which the kernel of a document runs: the document's own, or the nearest above that is there, down from
 * the server's root.
 *
 * @param path the document's, or a folder's, in the API: segments from the root
 * @throws HttpError 404 when it leads out of the root
 */
export async function workingFolder(root: string, path: string): Promise<string> {
  const segments = path.split("/").filter((segment) => segment !== "" && segment !== ".");
  if (segments.some((segment) => segment === ".." || /[\\\0]/u.test(segment)))
    throw new HttpError(404, "no such path: it leads out of the server's folder");
  const top = await realpath(root);
  for (let folder = join(top, ...segments); folder.length > top.length; folder = dirname(folder)) {
    const found = await realpath(folder).catch(() => undefined);
    if (found === undefined || !(await stat(found)).isDirectory()) continue;
    // A link that leads elsewhere is no folder of this server.
    if (found !== top && !found.startsWith(top.endsWith(sep) ? top : top + sep))
      throw new HttpError(404, "no such path: it leads out of the server's folder");
    return found;
  }
  return top;
}
