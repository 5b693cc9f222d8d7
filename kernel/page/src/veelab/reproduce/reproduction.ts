import { URLExt } from "@jupyterlab/coreutils";
import { ServerConnection } from "@jupyterlab/services";

/** How far the server is with running all notebooks, as it says itself. */
export interface Reproduction {
  readonly state: "idle" | "running" | "done" | "failed";
  /** What it does now. */
  readonly line: string;
  readonly done: number;
  readonly total: number;
  /** The path of the last report, when there is one. */
  readonly report: string | null;
  readonly message: string | null;
}

/** Asks how far it is. */
export async function reproduction(settings: ServerConnection.ISettings): Promise<Reproduction> {
  const response = await request("GET", settings);
  return (await response.json()) as Reproduction;
}

/** Starts it (POST), or cancels it (DELETE). */
export async function changeReproduction(
  method: "POST" | "DELETE",
  settings: ServerConnection.ISettings,
): Promise<void> {
  await request(method, settings);
}

async function request(method: string, settings: ServerConnection.ISettings): Promise<Response> {
  const url = URLExt.join(settings.baseUrl, "veelab/api/reproduce");
  const response = await ServerConnection.makeRequest(url, { method }, settings);
  // One that another page has started is followed from here, too.
  if (response.ok || (method === "POST" && response.status === 409)) return response;
  throw await ServerConnection.ResponseError.create(response);
}
