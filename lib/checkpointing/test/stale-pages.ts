import { type GuestRun, pageBlockMap } from "../index.ts";

/** The pages of a guest's second checkpoint that changed since the first though no event of them says so. */
export function stalePages({ events, pages, contents }: Pick<GuestRun, "events" | "pages" | "contents">): number[] {
  const map = pageBlockMap({ pages });
  const first = map.apply(events);
  map.beginEpoch();
  map.apply(events, first + 1);
  const [before, after] = [contents(0).hash, contents(1).hash];
  return [...after.keys()].filter((page) => !map.isDirty(page) && after[page] !== before[page]);
}
