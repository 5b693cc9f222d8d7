import type { CrateDescription } from "./crate.ts";

/** The README of a bundle: what it is, the one command, what is in it. */
export function bundleReadme({ title, authors, license, files, datasets, software, runs }: CrateDescription): string {
  const by = authors.length === 0 ? "" : `\n${authors.map(({ name }) => name).join(", ")}\n`;
  const elsewhere = files.filter(({ url }) => url !== undefined);
  const rows = files.map(
    ({ path, name, bytes, url }) =>
      `| \`${path}\` | ${name}${url === undefined ? "" : ` (fetched from ${url})`} | ${bytes.toLocaleString("en")} |`,
  );
  const used = datasets.map(
    ({ name, title: what, bytes }) => `| \`${name}\` | ${what} | ${bytes.toLocaleString("en")} |`,
  );
  const failed = runs.flatMap(({ notebook, failure }) =>
    failure === undefined
      ? []
      : // Indented, it is no Markdown.
        [`\`${notebook}\` did not run to its end when this was made:\n\n${failure.replaceAll(/^/gmu, "    ")}`],
  );
  return `# ${title}
${by}
The ${runs.length === 1 ? "notebook" : "notebooks"} ${runs.map(({ notebook }) => `\`${notebook}\``).join(", ")} with outputs, data and software. One command, with Node 20.19 or newer, checks every file, installs
the packages (npm; their versions and hashes are in \`package-lock.json\`), runs the ${runs.length === 1 ? "notebook" : "notebooks"} again, and compares with the outputs:

\`\`\`sh
node run.mjs
\`\`\`

Its last line is the verdict; the exit status is 0 when everything is as handed in. It was made with Node ${software.node} (${software.platform}); on another major version of Node, numbers
are compared within rounding. To look at the notebooks, open them in JupyterLab, VS Code or on a page that shows notebooks; \`npx veelab run --html NOTEBOOK\`, after
\`node run.mjs\`, writes one as a page.
${failed.length === 0 ? "" : `\n${failed.join("\n\n")}\n`}${elsewhere.length === 0 ? "" : `\nNot in the archive, but fetched and checked: ${elsewhere.map(({ path }) => `\`${path}\``).join(", ")}.\n`}
| file | what it is | bytes |
| --- | --- | --- |
${rows.join("\n")}
${used.length === 0 ? "" : `\nDatasets that come with veelab and are read here, each checked as well:\n\n| dataset | what it is | bytes |\n| --- | --- | --- |\n${used.join("\n")}\n`}
\`ro-crate-metadata.json\` says all this for programs (RO-Crate 1.1): hashes, licences, sources, software, the runs.${license === undefined ? "" : ` Licence: ${license}.`}
`;
}
