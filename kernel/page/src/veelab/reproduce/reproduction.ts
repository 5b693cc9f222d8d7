import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";

/** How far the server is with running all notebooks, as it says itself. */
export interface Reproduction {
  readonly state: "idle" | "running" | "done" | "failed";
  /** What it does now. */
  readonly line: string;
  readonly done: number;
  readonly total: number;
  /** The path of the report, when there is one. */
  readonly report: string | null;
  readonly message: string | null;
}

/** Asks how far it is (GET), starts it (POST), or cancels it (DELETE). */
export async function reproduction(
  method: "GET" | "POST" | "DELETE",
  settings: ServerConnection.ISettings,
): Promise<Reproduction | undefined> {
  const url = URLExt.join(settings.baseUrl, "veelab/api/reproduce");
  const response = await ServerConnection.makeRequest(url, { method }, settings);
  // Another page has started it: it is followed from here, too.
  if (method === "POST" && response.status === 409) return undefined;
  if (!response.ok) throw await ServerConnection.ResponseError.create(response);
  return method === "GET" ? ((await response.json()) as Reproduction) : undefined;
}
