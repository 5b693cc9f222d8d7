import { readFile } from "node:fs/promises";
import { join } from "node:path";
import JSON5 from "json5";

import { isJsonObject, type JsonObject } from "../../protocol/json.ts";
import { HttpError, json, nothing, type Route } from "../http/route.ts";
import type { Page } from "../page/page.ts";
import type { Store } from "./store.ts";

/** A plugin's settings: their schema, and what the user has changed. */
interface Setting {
  readonly id: string;
  readonly schema: JsonObject;
  readonly version: string;
  /** The user's text, JSON with comments. */
  readonly raw: string;
  readonly settings: JsonObject;
  readonly last_modified: string | null;
  readonly created: string | null;
  readonly warning: string | null;
}

/**
 * The settings of the front end's plugins. A schema is a file of the built page; a user's text is kept whole, with its
 * comments.
 */
export function settingsRoutes(page: Page, store: Store): Route[] {
  const schemas = new Map<string, Promise<JsonObject>>();
  const schemaOf = (id: string): Promise<JsonObject> => {
    const described = page.settings.get(id);
    if (described === undefined) throw new HttpError(404, `there are no settings named ${JSON.stringify(id)}`);
    let schema = schemas.get(id);
    if (schema === undefined)
      schemas.set(id, (schema = readSchema(join(page.folder, described.schema), page.overrides[id])));
    return schema;
  };
  const load = async (id: string): Promise<Setting> => {
    const schema = await schemaOf(id);
    const stored = await store.read(id);
    const { settings, warning } = parsed(stored?.text ?? "{}");
    return {
      id,
      schema,
      version: page.settings.get(id)?.version ?? "",
      raw: stored?.text ?? "{}",
      settings,
      last_modified: stored?.modified ?? null,
      created: stored?.created ?? null,
      warning,
    };
  };
  const path = "/lab/api/settings/*id";
  return [
    {
      method: "GET",
      path,
      async answer({ params: { id = "" }, url }) {
        if (id !== "") return json(await load(id));
        const ids = [...page.settings.keys()];
        const idsOnly = url.searchParams.get("ids_only") === "true";
        return json({ settings: idsOnly ? ids.map((each) => ({ id: each })) : await Promise.all(ids.map(load)) });
      },
    },
    {
      method: "PUT",
      path,
      async answer(context) {
        const { id = "" } = context.params;
        const { raw } = await context.json();
        if (typeof raw !== "string") throw new HttpError(400, "expected settings as a text named raw");
        const { settings, warning } = parsed(raw);
        if (warning !== null) throw new HttpError(400, warning);
        await validate(settings, await schemaOf(id));
        await store.write(id, raw);
        return nothing;
      },
    },
  ];
}

async function readSchema(file: string, overrides: JsonObject | undefined): Promise<JsonObject> {
  const schema = JSON.parse(await readFile(file, "utf8")) as JsonObject;
  const properties = schema["properties"];
  if (overrides === undefined || !isJsonObject(properties)) return schema;
  const entries = Object.entries(properties).map(([name, property]) =>
    name in overrides && isJsonObject(property) ? [name, { ...property, default: overrides[name] }] : [name, property],
  );
  return { ...schema, properties: Object.fromEntries(entries) as JsonObject };
}

/** The user's text as settings; where it cannot be read, none and the reason. */
function parsed(raw: string): { settings: JsonObject; warning: string | null } {
  // A page that has nothing to keep sends nothing.
  if (raw.trim() === "") return { settings: {}, warning: null };
  try {
    const value: unknown = JSON5.parse(raw);
    if (isJsonObject(value)) return { settings: value, warning: null };
    return { settings: {}, warning: "expected settings to be a JSON object" };
  } catch (cause) {
    return { settings: {}, warning: `expected settings in JSON, which may have comments: ${(cause as Error).message}` };
  }
}

/** @throws HttpError 400 naming the first setting that its schema refuses */
async function validate(settings: JsonObject, schema: JsonObject): Promise<void> {
  // Loaded with the first change of a setting: most sessions make none.
  const { Ajv } = await import("ajv");
  const check = new Ajv({ strict: false, validateFormats: false, validateSchema: false }).compile(schema);
  if (check(settings)) return;
  const [error] = check.errors ?? [];
  throw new HttpError(
    400,
    `${error === undefined || error.instancePath === "" ? "settings" : error.instancePath}: ${error?.message ?? "not as its schema wants it"}`,
  );
}
