import type { JsonObject } from "../../protocol/json.ts";
import { escapeHtml } from "../../run/html/escape.ts";
import type { Shell } from "./page.ts";

/**
 * The page's HTML around a shell's scripts. Its configuration is data: no script stands in the page, so that the
 * policy need not allow any.
 */
export function shellHtml(shell: Shell, view: string, title: string, config: JsonObject): string {
  const styles = shell.styles.map((href) => `<link rel="stylesheet" href="/static/${escapeHtml(href)}">\n`);
  const preloads = (shell.preloads[view] ?? []).map(
    (href) => `<link rel="preload" as="script" href="/static/${escapeHtml(href)}">\n`,
  );
  const scripts = shell.scripts.map((src) => `<script defer src="/static/${escapeHtml(src)}"></script>\n`);
  // In a script element only these could end it or open a comment.
  const data = JSON.stringify(config).replaceAll("<", "\\u003c");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" type="image/svg+xml" href="/static/favicons/favicon.svg" class="idle favicon">
<script id="jupyter-config-data" type="application/json">${data}</script>
${preloads.join("")}${styles.join("")}${scripts.join("")}</head>
<body class="jp-ThemedContainer" data-veelab>
</body>
</html>
`;
}
