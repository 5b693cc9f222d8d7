import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Where what belongs to the user and not to a notebook is kept: settings, workspaces, signatures, the history of cells.
 * `VEELAB_DATA_DIR` names another place.
 */
export function dataFolder(): string {
  const { VEELAB_DATA_DIR: chosen, APPDATA: appData, XDG_DATA_HOME: xdg } = process.env;
  if (chosen !== undefined && chosen !== "") return chosen;
  if (process.platform === "darwin") return join(homedir(), "Library", "Application Support", "veelab");
  if (process.platform === "win32") return join(appData ?? join(homedir(), "AppData", "Roaming"), "veelab");
  return join(xdg !== undefined && xdg !== "" ? xdg : join(homedir(), ".local", "share"), "veelab");
}
