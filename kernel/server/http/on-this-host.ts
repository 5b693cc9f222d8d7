/** A path that no browser takes for another host's, as it would `//host/` and `/\host/`. */
export function onThisHost(path: string): string {
  return `/${path.replace(/^[/\\\s]+/u, "").replaceAll(/[\r\n\t]/gu, "")}`;
}
