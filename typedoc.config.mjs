// The documentation site: the pages of docs/, the API reference and the notebooks, as static files that need neither server
// nor network. The built product draws equations and notebooks, and tells what its commands do: build it first.
import { leaveTemplateOut, nameModules, unlinkSources } from "./docs/build/api.mjs";
import { apiEntries } from "./docs/build/api-entries.mjs";
import { checkLinks } from "./docs/build/check-links.mjs";
import { commandHelp } from "./docs/build/command-help.mjs";
import { mathPlugin } from "./docs/build/math.mjs";
import { linkNotebooks, notebookPages } from "./docs/build/notebooks.mjs";

const math = await mathPlugin();

export default {
  name: "veelab",
  out: "docs/site",
  router: "notebooks",
  readme: "docs/index.md",
  projectDocuments: ["tutorials", "how-to", "explanations", "reference", "notebooks"].map((page) => `docs/${page}.md`),
  entryPoints: apiEntries.map(({ source }) => source),
  plugin: [nameModules, unlinkSources, leaveTemplateOut, commandHelp, notebookPages, checkLinks],
  markdownItLoader(parser) {
    parser.use(math).use(linkNotebooks);
  },
  customCss: "docs/build/site.css",
  headings: { readme: false, document: false },
  kindSortOrder: ["Document", "Module", "Function", "Variable", "Class", "Interface", "TypeAlias"],
  groupOrder: ["Documents", "Modules", "Functions", "Variables", "*"],
  navigation: { includeFolders: false },
  searchInDocuments: true,
  searchGroupBoosts: { Documents: 10 },
  excludeInternal: true,
  skipErrorChecking: true, // types are a check of their own
  treatWarningsAsErrors: true,
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  disableGit: true,
  sourceLinkTemplate: "{path}#L{line}",
};
