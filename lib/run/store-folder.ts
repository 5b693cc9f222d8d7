import process from "node:process";
import { cacheFolder } from "../../datasets/cache-folder.ts";

/** Where the results of sweeps are kept: `VEELAB_STORE`, or a folder in the user's caches, which may be deleted at any time. */
export function storeFolder(): string {
  const { VEELAB_STORE: chosen } = process.env;
  return chosen !== undefined && chosen !== "" ? chosen : cacheFolder("sweeps");
}
