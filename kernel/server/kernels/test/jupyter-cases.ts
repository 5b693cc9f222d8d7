/** A request whose answer is compared with that of Jupyter's own server. */
export interface JupyterCase {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** `{kernel}` and `{session}` stand for the ids that the answers before gave. */
  readonly path: string;
  readonly body?: unknown;
  /** What the answer's body gives to later cases. */
  readonly keep?: "kernel" | "session";
  /** Where we answer otherwise, and why. */
  readonly differs?: {
    readonly ours: number;
    readonly theirs: number;
    readonly why: string;
  };
}

const missing = "00000000-0000-4000-8000-000000000000";

/**
 * The requests for kernelspecs, kernels and sessions, in the order in which they are made: what is the same as in
 * Jupyter's server (statuses, and the fields of the answers with their types), and what is not.
 */
export const jupyterCases: readonly JupyterCase[] = [
  { method: "GET", path: "/api/kernelspecs" },
  { method: "GET", path: "/api/kernelspecs/python3" },
  { method: "GET", path: "/api/kernelspecs/veelab" },
  { method: "GET", path: "/api/kernelspecs/no-such-kernel" },
  { method: "GET", path: "/kernelspecs/python3/logo-64x64.png" },
  { method: "GET", path: "/kernelspecs/python3/no-such-file.png" },
  {
    method: "GET",
    path: "/kernelspecs/python3/kernel.json",
    differs: { ours: 404, theirs: 200, why: "only what is listed as a resource is served" },
  },
  { method: "GET", path: "/kernelspecs/no-such-kernel/logo-64x64.png" },

  { method: "GET", path: "/api/kernels" },
  { method: "POST", path: "/api/kernels", body: { name: "veelab", path: "" }, keep: "kernel" },
  { method: "GET", path: "/api/kernels" },
  { method: "GET", path: "/api/kernels/{kernel}" },
  { method: "POST", path: "/api/kernels/{kernel}/interrupt" },
  { method: "POST", path: "/api/kernels/{kernel}/restart" },
  { method: "DELETE", path: "/api/kernels/{kernel}" },
  { method: "GET", path: "/api/kernels/{kernel}" },
  { method: "DELETE", path: "/api/kernels/{kernel}" },
  { method: "POST", path: "/api/kernels/{kernel}/interrupt" },
  {
    method: "POST",
    path: "/api/kernels/{kernel}/restart",
    differs: { ours: 404, theirs: 500, why: "a kernel that is not there is not an error of the server" },
  },
  { method: "POST", path: "/api/kernels", body: { name: "python3", path: "no/such/folder" }, keep: "kernel" },
  { method: "DELETE", path: "/api/kernels/{kernel}" },
  {
    method: "POST",
    path: "/api/kernels",
    body: { name: "no-such-kernel" },
    differs: { ours: 501, theirs: 500, why: "as for a session with a kernel that is not installed" },
  },
  {
    method: "POST",
    path: "/api/kernels",
    body: [],
    differs: { ours: 400, theirs: 500, why: "a body of the wrong kind is the client's error" },
  },
  { method: "POST", path: "/api/kernels", body: "{" },
  { method: "GET", path: `/api/kernels/${missing}` },
  { method: "GET", path: "/api/kernels/no-uuid" },
  { method: "DELETE", path: `/api/kernels/${missing}` },

  { method: "GET", path: "/api/sessions" },
  {
    method: "POST",
    path: "/api/sessions",
    body: { path: "a.ipynb", name: "", type: "notebook", kernel: { name: "veelab" } },
    keep: "session",
  },
  { method: "GET", path: "/api/sessions" },
  { method: "GET", path: "/api/sessions/{session}" },
  { method: "POST", path: "/api/sessions", body: { path: "a.ipynb", type: "notebook" }, keep: "session" },
  { method: "PATCH", path: "/api/sessions/{session}", body: { path: "folder/b.ipynb", name: "b" } },
  { method: "PATCH", path: "/api/sessions/{session}", body: {} },
  { method: "PATCH", path: "/api/sessions/{session}", body: { type: "console" } },
  { method: "PATCH", path: "/api/sessions/{session}", body: { type: "notebook", kernel: { name: "python3" } } },
  { method: "PATCH", path: "/api/sessions/{session}", body: { kernel: { id: missing } } },
  {
    method: "PATCH",
    path: "/api/sessions/{session}",
    body: { kernel: { name: "no-such-kernel" } },
    differs: { ours: 501, theirs: 500, why: "as for a new session" },
  },
  { method: "PATCH", path: `/api/sessions/${missing}`, body: { path: "x" } },
  { method: "DELETE", path: "/api/sessions/{session}" },
  { method: "GET", path: "/api/sessions/{session}" },
  { method: "DELETE", path: "/api/sessions/{session}" },
  { method: "GET", path: "/api/sessions/no-uuid" },
  { method: "POST", path: "/api/sessions", body: {} },
  { method: "POST", path: "/api/sessions", body: { path: "a.ipynb" } },
  {
    method: "POST",
    path: "/api/sessions",
    body: { path: "a.ipynb", type: "notebook", kernel: { name: "no-such-kernel" } },
  },
  {
    method: "POST",
    path: "/api/sessions",
    body: { path: 1, type: "notebook" },
    differs: { ours: 400, theirs: 500, why: "a field of the wrong kind is the client's error" },
  },
  {
    method: "POST",
    path: "/api/sessions",
    body: { notebook: { path: "old.ipynb" } },
    keep: "session",
    differs: { ours: 201, theirs: 201, why: "a session without a name has an empty one: the front end refuses null" },
  },
  { method: "DELETE", path: "/api/sessions/{session}" },
  { method: "GET", path: "/api/kernels" },
  { method: "GET", path: "/api/sessions" },
  { method: "GET", path: "/api/terminals" },
];
