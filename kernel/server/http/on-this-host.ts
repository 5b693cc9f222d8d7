/** A path that no browser takes for another host's, as it would `//host/` and `/\host/`; encoded, as a header must be. */
export function onThisHost(path: string): string {
  const { pathname, search, hash } = new URL(`http://localhost/${path.replace(/^[/\\\s]+/u, "")}`);
  return `${pathname.replace(/^\/+/u, "/")}${search}${hash}`;
}
