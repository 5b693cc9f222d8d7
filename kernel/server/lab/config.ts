import { isJsonObject, type Json, type JsonObject } from "../../protocol/json.ts";
import { HttpError, json, nothing, type Context, type Route } from "../http/route.ts";
import { storedObject, type Store } from "./store.ts";

/** Jupyter's older configuration, by section: read, replaced, or changed in parts. */
export function configRoutes(store: Store): Route[] {
  const read = async (section: string): Promise<JsonObject> => storedObject(await store.read(section)) ?? {};
  const section = ({ params }: Context): string => {
    const name = params["section"] ?? "";
    if (/^[\w-]+$/u.test(name)) return name;
    throw new HttpError(404, "expected a section of letters, digits, - and _");
  };
  const path = "/api/config/:section";
  return [
    { method: "GET", path, answer: async (context) => json(await read(section(context))) },
    {
      method: "PUT",
      path,
      async answer(context) {
        await store.write(section(context), JSON.stringify(await context.json()));
        return nothing;
      },
    },
    {
      method: "PATCH",
      path,
      async answer(context) {
        const changed = patched(await read(section(context)), await context.json());
        await store.write(section(context), JSON.stringify(changed));
        return json(changed);
      },
    },
  ];
}

/** An object with another's values in it, depth first; null takes a value away. */
function patched(target: JsonObject, changes: JsonObject): JsonObject {
  const result = new Map<string, Json | undefined>(Object.entries(target));
  for (const [key, value] of Object.entries(changes)) {
    const old = result.get(key);
    if (value === null) result.delete(key);
    else if (isJsonObject(value)) result.set(key, patched(isJsonObject(old) ? old : {}, value));
    else result.set(key, value);
  }
  return Object.fromEntries(result);
}
