import { randomUUID } from "node:crypto";

import type { JsonObject } from "../../protocol/json.ts";
import { HttpError, json, nothing, type Context, type Route } from "../http/route.ts";
import { objectField, textField } from "./body-fields.ts";
import type { Kernel, KernelModel } from "./kernel.ts";
import type { KernelRegistry } from "./registry.ts";

/** A document with its kernel. */
interface Session {
  readonly id: string;
  readonly path: string;
  readonly name: string;
  readonly type: string;
  readonly kernel: Kernel;
}

/** A session as the REST API describes it. */
interface SessionModel extends Omit<Session, "kernel"> {
  readonly kernel: KernelModel;
  /** What clients of an older API read. */
  readonly notebook?: { readonly path: string; readonly name: string };
}

/** Sessions in the REST API. A session lives as long as its kernel. */
export function sessionRoutes(kernels: KernelRegistry): Route[] {
  const sessions = new Map<string, Session>();
  const living = (): Session[] => {
    for (const { id, kernel } of sessions.values()) if (kernels.find(kernel.id) === undefined) sessions.delete(id);
    return [...sessions.values()];
  };
  const named = ({ params }: Pick<Context, "params">): Session => {
    const id = params["id"] ?? "";
    const session = living().find((each) => each.id === id);
    if (session === undefined) throw new HttpError(404, `Session not found: session_id='${id.slice(0, 80)}'`);
    return session;
  };
  const keep = (session: Session): Session => {
    sessions.set(session.id, session);
    return session;
  };
  /** The sessions that are being made, by path: a page that asks twice gets one kernel. */
  const starting = new Map<string, Promise<Session>>();
  const create = async (body: JsonObject, path: string): Promise<Session> => {
    const type = textField(body, "type");
    if (type === undefined) throw new HttpError(400, "Missing field in JSON data: type");
    const name = textField(body, "name") ?? "";
    const wanted = objectField(body, "kernel");
    const kernel =
      kernels.find(textField(wanted, "id") ?? "") ?? (await kernels.start({ name: textField(wanted, "name"), path }));
    return keep({ id: randomUUID(), path, name, type, kernel });
  };

  return [
    { method: "GET", path: "/api/sessions", answer: () => json(living().map(model)) },
    {
      method: "POST",
      path: "/api/sessions",
      answer: async (context) => {
        const body = withNotebook(await context.json());
        const path = textField(body, "path");
        if (path === undefined) throw new HttpError(400, "Missing field in JSON data: path");
        let session = living().find((each) => each.path === path);
        if (session === undefined) {
          const making = starting.get(path) ?? create(body, path).finally(() => starting.delete(path));
          starting.set(path, making);
          session = await making;
        }
        return json(model(session), 201, { location: `/api/sessions/${session.id}` });
      },
    },
    { method: "GET", path: "/api/sessions/:id", answer: (context) => json(model(named(context))) },
    {
      method: "PATCH",
      path: "/api/sessions/:id",
      answer: async (context) => {
        const { id } = named(context);
        const body = withNotebook(await context.json());
        const [path, name, type] = ["path", "name", "type"].map((field) => textField(body, field));
        const wanted = objectField(body, "kernel");
        const [kernelId, kernelName] = ["id", "name"].map((field) => textField(wanted, field));
        let kernel = kernelId === undefined ? undefined : kernels.find(kernelId);
        if (kernelId !== undefined && kernel === undefined)
          throw new HttpError(400, `No such kernel: ${kernelId.slice(0, 80)}`);
        if (kernelId === undefined && kernelName !== undefined)
          kernel = await kernels.start({ name: kernelName, path: path ?? named(context).path });
        // Another request may have changed it meanwhile.
        const before = sessions.get(id);
        if (before === undefined) {
          if (kernelId === undefined && kernel !== undefined) void kernels.end(kernel);
          throw new HttpError(404, `Session not found: session_id='${id}'`);
        }
        const after = keep({
          id,
          path: path ?? before.path,
          name: name ?? before.name,
          type: type ?? before.type,
          kernel: kernel ?? before.kernel,
        });
        // The page learns of its new kernel before the end of the old one.
        if (after.kernel !== before.kernel) void kernels.end(before.kernel);
        return json(model(after));
      },
    },
    {
      method: "DELETE",
      path: "/api/sessions/:id",
      answer: async (context) => {
        const { id, kernel } = named(context);
        sessions.delete(id);
        await kernels.end(kernel);
        return nothing;
      },
    },
  ];
}

/** Older clients name the document in `notebook`. */
function withNotebook(body: JsonObject): JsonObject {
  const path = textField(objectField(body, "notebook"), "path");
  return path === undefined ? body : { ...body, path, type: "notebook" };
}

function model({ id, path, name, type, kernel }: Session): SessionModel {
  return { id, path, name, type, kernel: kernel.model(), ...(type === "notebook" ? { notebook: { path, name } } : {}) };
}
