import { homedir } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** Where the results of sweeps are kept: `VEELAB_STORE`, or a folder in the user's caches, which may be deleted at any time. */
export function storeFolder(): string {
  const { VEELAB_STORE: chosen, LOCALAPPDATA: local, XDG_CACHE_HOME: xdg } = process.env;
  if (chosen !== undefined && chosen !== "") return chosen;
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "veelab", "sweeps");
  if (process.platform === "win32") return join(local ?? join(homedir(), "AppData", "Local"), "veelab", "sweeps");
  return join(xdg !== undefined && xdg !== "" ? xdg : join(homedir(), ".cache"), "veelab", "sweeps");
}
