/**
 * An option of the page's configuration. JupyterLab's own reader of it would bring its libraries into the entry
 * script, which has to be small: it asks for all others.
 */
export function pageOption(name: string): string {
  const text = document.getElementById("jupyter-config-data")?.textContent ?? "{}";
  const value = (JSON.parse(text) as Record<string, unknown>)[name];
  return typeof value === "string" ? value : "";
}
