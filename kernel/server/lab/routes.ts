import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { json, type Route } from "../http/route.ts";
import type { Page } from "../page/page.ts";
import { staticRoute } from "../page/static.ts";
import { configRoutes } from "./config.ts";
import { settingsRoutes } from "./settings.ts";
import { createStore } from "./store.ts";
import { workspaceRoutes } from "./workspaces.ts";

/**
 * What the front end asks of its server beside documents and kernels.
 *
 * @param folder where the user's settings and workspaces are kept
 */
export function labRoutes(page: Page, folder: string): Route[] {
  return [
    ...settingsRoutes(page, createStore(join(folder, "settings"))),
    ...workspaceRoutes(createStore(join(folder, "workspaces"))),
    ...configRoutes(createStore(join(folder, "config"))),
    staticRoute("/lab/api/themes", join(page.folder, "themes"), page.files("themes")),
    {
      method: "GET",
      path: "/lab/api/translations/*locale",
      // The front end is in English: one language, which needs no catalogue.
      answer: ({ params: { locale } }) =>
        json({ data: locale === "" ? { en: { displayName: "English", nativeName: "English" } } : {}, message: "" }),
    },
    {
      method: "GET",
      path: "/lab/api/licenses",
      answer: async () => json(JSON.parse(await readFile(join(page.folder, "third-party-licenses.json"), "utf8"))),
    },
  ];
}
