import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import process from "node:process";

/** A folder of veelab's in the user's caches, by the platform's custom; it may be deleted at any time. */
export function cacheFolder(part: string): string {
  const { LOCALAPPDATA: local, XDG_CACHE_HOME: xdg } = process.env;
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, "veelab", part);
  if (process.platform === "darwin") return join(homedir(), "Library", "Caches", "veelab", part);
  if (process.platform === "win32") return join(local ?? join(homedir(), "AppData", "Local"), "veelab", part);
  return join(homedir(), ".cache", "veelab", part);
}
