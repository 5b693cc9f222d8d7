import { showJson, type Json, type JsonObject } from "../../protocol/json.ts";
import { HttpError, json, nothing, type Reply, type Route } from "../http/route.ts";
import { namesIn, shown } from "./api-path.ts";
import type { Contents } from "./contents.ts";
import type { ContentsFormat, ContentsType, Model } from "./model.ts";
import { tooMuch } from "./notebook-text.ts";
import type { Wanted } from "./read.ts";

const path = "/api/contents/*path";

/** Jupyter's contents API: documents, their checkpoints, and trust in them. */
export function contentsRoutes(contents: Contents): readonly Route[] {
  return [
    {
      method: "GET",
      path,
      async answer({ params, url }) {
        const about = await aspectOf(contents, params["path"]!);
        if (about.aspect === "checkpoints") return json(await contents.checkpoints.list(about.path));
        return modelReply(await contents.get(params["path"]!, wantedOf(url.searchParams)));
      },
    },
    {
      method: "POST",
      path,
      async answer(context) {
        const about = await aspectOf(contents, context.params["path"]!);
        switch (about.aspect) {
          case "checkpoints": {
            const checkpoint = await contents.checkpoints.create(about.path);
            return json(checkpoint, 201, { location: `${addressOf(about.path)}/checkpoints/${checkpoint.id}` });
          }
          case "checkpoint":
            await contents.checkpoints.restore(about.path, about.id);
            return nothing;
          case "trust":
            await contents.trust(about.path);
            return { status: 201 };
          case "content":
            return created(await make(contents, about.path, await context.json()));
        }
      },
    },
    {
      method: "PUT",
      path,
      async answer(context) {
        const model = await context.json();
        // An empty model names nothing: what is wanted is something new in this folder.
        if (Object.keys(model).length === 0) return created(await contents.untitled(context.params["path"]!));
        if (model["copy_from"] !== undefined) throw new HttpError(400, "expected copy_from in a POST, got it in a PUT");
        const { model: saved, created: isNew } = await contents.save(context.params["path"]!, model);
        return isNew ? created(saved) : modelReply(saved, 200, { location: addressOf(saved.path) });
      },
    },
    {
      method: "PATCH",
      path,
      async answer(context) {
        const from = context.params["path"]!;
        const to = textOf(await context.json(), "path") ?? from;
        const same = namesIn(from).join("/") === namesIn(to).join("/");
        const model = await (same ? contents.get(from, { content: false }) : contents.rename(from, to));
        return modelReply(model, 200, { location: addressOf(model.path) });
      },
    },
    {
      method: "DELETE",
      path,
      async answer({ params }) {
        const about = await aspectOf(contents, params["path"]!);
        if (about.aspect === "checkpoint") await contents.checkpoints.remove(about.path, about.id);
        else await contents.remove(params["path"]!);
        return nothing;
      },
    },
  ];
}

/** What of a document a path is about. */
type About =
  | { readonly aspect: "content" | "checkpoints" | "trust"; readonly path: string }
  | { readonly aspect: "checkpoint"; readonly path: string; readonly id: string };

/**
 * What `a/checkpoints`, `a/checkpoints/<id>` and `a/trust` are about: of a file `a` its checkpoints and trust, below a
 * folder `a` what is called so.
 */
async function aspectOf(contents: Contents, whole: string): Promise<About> {
  const names = namesIn(whole);
  const last = names.at(-1) ?? "";
  const document = names.slice(0, -1).join("/");
  const twoUp = names.slice(0, -2).join("/");
  if (names.at(-2) === "checkpoints" && !(await isFolder(contents, twoUp)))
    return { aspect: "checkpoint", path: twoUp, id: last };
  if ((last === "checkpoints" || last === "trust") && !(await isFolder(contents, document)))
    return { aspect: last, path: document };
  return { aspect: "content", path: whole };
}

async function isFolder(contents: Contents, document: string): Promise<boolean> {
  return (await contents.kindOf(document)) === "directory";
}

async function make(contents: Contents, folder: string, body: JsonObject): Promise<Model> {
  const named = textOf(body, "copy_from");
  const from = named === "" ? undefined : named;
  const there = await contents.get(folder, { content: false }).catch((cause: unknown) => {
    if (from !== undefined && cause instanceof HttpError && cause.status === 404) return undefined;
    throw cause;
  });
  if (there !== undefined && there.type !== "directory")
    throw new HttpError(400, `expected a folder to POST to, got the file ${shown(folder)}: PUT saves it`);
  return from === undefined
    ? contents.untitled(folder, { type: body["type"], ext: body["ext"] })
    : contents.copy(from, folder);
}

function wantedOf(query: URLSearchParams): Wanted {
  const type = oneOf<ContentsType>(query, "type", ["directory", "notebook", "file"]);
  const format = oneOf<ContentsFormat>(query, "format", ["text", "base64", "json"]);
  return {
    ...(type === undefined ? {} : { type }),
    ...(format === undefined ? {} : { format }),
    content: oneOf(query, "content", ["0", "1"]) !== "0",
    hash: oneOf(query, "hash", ["0", "1"]) === "1",
  };
}

function oneOf<T extends string>(query: URLSearchParams, name: string, values: readonly T[]): T | undefined {
  const given = query.get(name);
  const value = values.find((candidate) => candidate === given);
  if (given !== null && value === undefined)
    throw new HttpError(400, `expected ${name} to be ${values.join(" or ")}, got ${shown(given)}`);
  return value;
}

function textOf(body: JsonObject, name: string): string | undefined {
  const value: Json | undefined = body[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  throw new HttpError(400, `expected ${name} to be text, got ${showJson(value)}`);
}

function created(model: Model): Reply {
  return modelReply(model, 201, { location: addressOf(model.path) });
}

function modelReply(model: Model, status = 200, headers: Record<string, string> = {}): Reply {
  const modified = new Date(model.last_modified).toUTCString();
  try {
    return json(model, status, { "last-modified": modified, ...headers });
  } catch (cause) {
    // A text of control characters becomes six times as long in JSON.
    if (cause instanceof RangeError) throw tooMuch(cause);
    throw cause;
  }
}

function addressOf(document: string): string {
  return `/api/contents/${document.split("/").map(encodeURIComponent).join("/")}`;
}
