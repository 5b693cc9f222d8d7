import { expect, it } from "vitest";

import { CASES } from "../contents/test/jupyter-server-cases.ts";
import { jupyterCases } from "../kernels/test/jupyter-cases.ts";

/** Endpoints that Jupyter's server of the tests does not have, or that need no comparison. */
const OTHERS: readonly (readonly [endpoints: string, what: string])[] = [
  [
    "websocket `/api/kernels/:id/channels`",
    "both subprotocols; driven by `@jupyterlab/services`, JupyterLab's own client, in the tests",
  ],
  ["websocket `/api/events/subscribe`", "accepted, and silent: there are no server extensions that emit events"],
  [
    "`GET /api`, `/api/status`, `/api/me`; `POST /api/events`, `/api/shutdown`",
    "shaped as in Jupyter; not compared request by request",
  ],
  ["`GET`, `PUT`, `PATCH /api/config/:section`", "shaped as in Jupyter; kept in veelab's own data folder"],
  [
    "`/lab/api/settings`, `/lab/api/workspaces`, `/lab/api/themes`, `/lab/api/translations`, `/lab/api/licenses`",
    "shaped as in jupyterlab_server; English only",
  ],
  ["`GET /tree`, `/notebooks`, `/edit`, `/consoles`, `/lab`, `/login`, `/logout`, `/static`", "the pages"],
  ["`/veelab/api/reproduce`, `/veelab/report`", "ours: run every paper's notebook, and the report of that"],
  ["terminals, extension manager, language servers, `/api/spec.yaml`", "not there; `/api/terminals` is an empty list"],
];

interface Row {
  requests: number;
  readonly differences: Set<string>;
}

function rows(): Map<string, Row> {
  const found = new Map<string, Row>();
  const add = (endpoint: string, difference: string | undefined): void => {
    const row = found.get(endpoint) ?? { requests: 0, differences: new Set() };
    found.set(endpoint, row);
    row.requests += 1;
    if (difference !== undefined) row.differences.add(difference);
  };
  for (const { endpoint, differs } of CASES) {
    const [ours, theirs] = differs?.status ?? [];
    const statuses = ours === undefined ? "" : ` (${ours}, Jupyter ${theirs ?? ""})`;
    add(endpoint, differs && `${differs.because}${statuses}`);
  }
  for (const { method, path, differs } of jupyterCases) {
    const general = path
      .replace(/\?.*$/u, "")
      .replace(
        /^\/(api\/)?(kernelspecs|kernels|sessions)\/[^/]+/u,
        (_all, api = "", kind) => `/${String(api)}${String(kind)}/:id`,
      )
      .replace(/^\/kernelspecs\/:id\/.*/u, "/kernelspecs/:id/:file");
    add(`${method} ${general}`, differs && `${differs.why} (${differs.ours}, Jupyter ${differs.theirs})`);
  }
  return found;
}

it("the table of endpoints says what the comparison with Jupyter's server compares", async () => {
  const compared = [...rows()].map(
    ([endpoint, { requests, differences }]) =>
      `| \`${endpoint}\` | ${requests} | ${[...differences].join("; ") || "alike"} |`,
  );
  const page = `# The server's endpoints beside Jupyter's

The tests send the same requests to this server and to jupyter_server (Debian's 1.23), and compare statuses, headers, models and the files
that are left. What differs on purpose is listed here with both statuses; any other difference fails the tests. This page is written from the
same list of requests.

| endpoint | requests compared | where the answers differ |
| --- | --- | --- |
${compared.join("\n")}

Beside these:

| endpoint | |
| --- | --- |
${OTHERS.map(([endpoint, what]) => `| ${endpoint} | ${what} |`).join("\n")}
`;
  await expect(page).toMatchFileSnapshot("../API.md");
});
