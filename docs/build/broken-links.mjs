import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

/** One sentence for each link of a folder's pages that leads nowhere. */
export function brokenLinks(folder) {
  const pages = new Map(
    readdirSync(folder, { recursive: true })
      .filter((file) => file.endsWith(".html"))
      .map((file) => [resolve(folder, file), pageParts(readFileSync(join(folder, file), "utf8"))]),
  );
  return Array.from(pages).flatMap(([page, { links }]) =>
    links.flatMap((link) => {
      const [path, anchor] = link.split("#");
      const target = path === "" ? page : resolve(dirname(page), decodeURIComponent(path));
      const found = pages.get(target);
      const leads = found === undefined || !anchor ? existsSync(target) : found.ids.has(decodeURIComponent(anchor));
      return leads ? [] : [`${relative(folder, page)}: expected a link that leads somewhere, got ${link}`];
    }),
  );
}

const ENTITIES = { "&amp;": "&", "&quot;": '"', "&lt;": "<", "&gt;": ">", "&#39;": "'" };

/** The links of a page that stay within the site, and the places in it that a link can name. Scripts have neither. */
function pageParts(html) {
  const markup = html
    .replaceAll(/<script\b[^>]*>.*?<\/script>/gs, "")
    .replaceAll(/<(code|pre)\b[^>]*>[^<]*<\/\1>/g, "");
  const attribute = (names) =>
    Array.from(markup.matchAll(new RegExp(`<[^<>]*?\\s(?:${names})="([^"]*)"`, "g")), ([, value]) =>
      value.replaceAll(/&(?:amp|quot|lt|gt|#39);/g, (entity) => ENTITIES[entity]),
    );
  return {
    ids: new Set(attribute("id")),
    links: Array.from(new Set(attribute("href|src"))).filter((link) => !/^[a-z][a-z+.-]*:|^\/\//i.test(link)),
  };
}
