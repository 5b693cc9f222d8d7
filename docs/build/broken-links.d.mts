/** One sentence for each link of a folder's pages that leads nowhere. */
export function brokenLinks(folder: string): string[];
