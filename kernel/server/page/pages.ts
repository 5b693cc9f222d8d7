import { basename } from "node:path";

import type { JsonObject } from "../../protocol/json.ts";
import { htmlReply } from "../http/error-page.ts";
import type { Context, Reply, Route } from "../http/route.ts";
import { shellHtml } from "./html.ts";
import type { Page } from "./page.ts";

/** What the pages need to know of the server. */
export interface PagesOptions {
  readonly page: Page;
  /** What a path of the contents is; undefined when there is nothing. */
  readonly kindOf: (path: string) => Promise<"directory" | "notebook" | "file" | undefined>;
  /** The folder that the pages show first; empty for the root. */
  readonly startFolder: string;
  /** The root's name for people. */
  readonly rootName: string;
  /** Lets a test reach the front end's own objects, as Jupyter's option of this name does. */
  readonly exposeAppInBrowser: boolean;
}

/** The pages of Jupyter Notebook (`/tree`, `/notebooks`, `/edit`, `/consoles`) and of JupyterLab (`/lab`). */
export function pageRoutes({ page, kindOf, startFolder, rootName, exposeAppInBrowser }: PagesOptions): Route[] {
  const common: JsonObject = {
    appName: "veelab",
    appNamespace: "veelab",
    appVersion: page.version,
    baseUrl: "/",
    wsUrl: "",
    fullStaticUrl: "/static",
    appUrl: "/lab",
    treeUrl: "/lab/tree",
    settingsUrl: "/lab/api/settings",
    themesUrl: "/lab/api/themes",
    fullThemesUrl: "/lab/api/themes",
    translationsApiUrl: "/lab/api/translations",
    workspacesApiUrl: "/lab/api/workspaces",
    licensesUrl: "/lab/api/licenses",
    serverRoot: rootName,
    exposeAppInBrowser,
    terminalsAvailable: false,
    buildAvailable: false,
    buildCheck: false,
    cacheFiles: false,
    devMode: false,
    ignorePlugins: [],
    federated_extensions: [],
    notebookStartsKernel: true,
    quitButton: false,
    token: "",
  };
  const notebook = (view: string, title: string, path: string): Reply =>
    htmlReply(
      // Only the tree opens a folder: elsewhere the front end would look for a file browser that is not there.
      shellHtml(page.notebook, view, title, { ...common, notebookPage: view, treePath: view === "tree" ? path : "" }),
    );
  const lab = (context: Context, workspace: string): Reply => {
    const { path: treePath = "" } = context.params;
    const config = { ...common, mode: "multiple-document", workspace, treePath, preferredPath: startFolder };
    return htmlReply(shellHtml(page.lab, "lab", "veelab", config));
  };
  const named = (path: string): string => `${basename(path)} · veelab`;
  const goTo = (view: string, path: string): Reply => ({
    status: 302,
    headers: { location: ["", view, ...path.split("/").filter(Boolean).map(encodeURIComponent)].join("/") },
  });

  const pages: [path: string, answer: (context: Context) => Reply | Promise<Reply>][] = [
    ["/", () => goTo("tree", startFolder)],
    [
      "/tree/*path",
      async ({ params: { path = "" } }) => {
        const kind = path === "" ? "directory" : await kindOf(path);
        if (kind === "notebook") return goTo("notebooks", path);
        if (kind === "file") return goTo("edit", path);
        return notebook("tree", path === "" ? "veelab" : named(path), path);
      },
    ],
    [
      "/notebooks/*path",
      async ({ params: { path = "" } }) =>
        (await kindOf(path)) === "directory" ? goTo("tree", path) : notebook("notebooks", named(path), path),
    ],
    ["/edit/*path", ({ params: { path = "" } }) => notebook("edit", named(path), path)],
    ["/consoles/*path", ({ params: { path = "" } }) => notebook("consoles", named(path), path)],
    ["/lab", (context) => lab(context, "default")],
    ["/lab/tree/*path", (context) => lab(context, "default")],
    ["/lab/workspaces/:workspace", (context) => lab(context, context.params["workspace"] ?? "default")],
    ["/lab/workspaces/:workspace/tree/*path", (context) => lab(context, context.params["workspace"] ?? "default")],
  ];
  return pages.map(([path, answer]) => ({ method: "GET", path, policy: "page", answer }));
}
