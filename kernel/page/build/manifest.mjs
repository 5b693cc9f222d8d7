/**
 * What the server has to know of a build: of each application its first scripts and styles, in order, and the scripts
 * that each of its pages goes on to ask for.
 *
 * @param {import("@rspack/core").Stats} stats
 */
export function shells(stats) {
  const { namedChunkGroups } = stats.toJson({ all: false, chunkGroups: true });
  const files = (extension, ...groups) => [
    ...new Set(
      groups
        .flatMap((group) => namedChunkGroups[group].assets)
        .map(({ name }) => name)
        .filter((name) => name.endsWith(extension)),
    ),
  ];
  const shell = (entry, pages) => ({
    scripts: files(".js", entry),
    styles: files(".css", entry),
    preloads: Object.fromEntries(pages.map(([page, ...groups]) => [page, files(".js", ...groups)])),
  });
  return {
    notebook: shell("notebook", [
      ["tree", "core", "tree"],
      ["notebooks", "core", "notebooks"],
      ["consoles", "core", "notebooks"],
      ["edit", "core", "edit"],
    ]),
    lab: shell("lab", [["lab", "core", "tree", "notebooks", "edit", "lab-only"]]),
  };
}
