import { isJsonObject, showJson } from "../../protocol/json.ts";
import { HttpError, json, nothing, type Route } from "../http/route.ts";
import { storedObject, type Store } from "./store.ts";

/** JupyterLab's workspaces: which documents are open, and how they are laid out. */
export function workspaceRoutes(store: Store): Route[] {
  const load = async (id: string): Promise<unknown> => {
    const stored = await store.read(id);
    if (stored === undefined) return { data: {}, metadata: { id } };
    const metadata = { id, last_modified: stored.modified, created: stored.created };
    return { data: {}, ...storedObject(stored), metadata };
  };
  const path = "/lab/api/workspaces/*id";
  return [
    {
      method: "GET",
      path,
      async answer({ params: { id = "" } }) {
        if (id !== "") return json(await load(id));
        const ids = await store.names();
        return json({ workspaces: { ids, values: await Promise.all(ids.map(load)) } });
      },
    },
    {
      method: "PUT",
      path,
      async answer(context) {
        const { id = "" } = context.params;
        const workspace = await context.json();
        const { metadata } = workspace;
        if (id === "" || !isJsonObject(metadata) || metadata["id"] !== id)
          throw new HttpError(400, `expected a workspace whose metadata.id is its own, got ${showJson(metadata)}`);
        await store.write(id, JSON.stringify(workspace));
        return nothing;
      },
    },
    {
      method: "DELETE",
      path,
      async answer({ params: { id = "" } }) {
        if (!(await store.remove(id))) throw new HttpError(404, "there is no such workspace");
        return nothing;
      },
    },
  ];
}
