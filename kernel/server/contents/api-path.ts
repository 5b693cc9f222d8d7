import { HttpError } from "../http/route.ts";

/** The names in a path of the API, which has slashes between them and perhaps at its ends. */
export function namesIn(path: string): string[] {
  return path.split("/").filter((name) => name !== "");
}

/** The path of what stands in a folder, both in the API's words. */
export function pathIn(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

/** The folder and the name of a path. */
export function splitPath(path: string): { folder: string; name: string } {
  const names = namesIn(path);
  const name = names.pop() ?? "";
  return { folder: names.join("/"), name };
}

/**
 * Whether a file can have this name here: no name that leads elsewhere than it seems, none that the front end could not
 * ask for, and none that is hidden, where hidden files are.
 */
export function isName(name: string, allowHidden: boolean): boolean {
  if (name === "" || name === "." || name === ".." || /[/\\\0\p{Surrogate}]/u.test(name)) return false;
  return allowHidden || !name.startsWith(".");
}

/** What stands for "there is nothing", whether or not there is something that may not be seen. */
export function absent(path: string): HttpError {
  return new HttpError(404, `expected a file or folder at ${shown(path)}, found none`);
}

/** A path as an error's sentence shows it. */
export function shown(path: string): string {
  return JSON.stringify(path.length > 200 ? `${path.slice(0, 199)}…` : path);
}
