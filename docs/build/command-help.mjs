import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Converter } from "typedoc";

const cli = fileURLToPath(new URL("../../dist/kernel/cli.js", import.meta.url));

/** What a command of the product says of itself. */
function help(...command) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...command, "--help"], { encoding: "utf8" });
  if (status !== 0)
    throw new Error(`expected help from veelab ${command.join(" ")}, got exit status ${status}: ${stderr}`);
  return stdout.trimEnd();
}

/** The commands that a help lists. */
const listed = (text) => Array.from(text.matchAll(/^ {2}([a-z]+) /gm), ([, command]) => command);

/** The help of a command and, where that says so, of what can be named behind it. */
function sections(...command) {
  const text = help(...command);
  const own = `\n\n${"#".repeat(command.length + 1)} veelab ${command.join(" ")}\n\n\`\`\`text\n${text}\n\`\`\``;
  const more = text.includes(`veelab ${command.join(" ")} WHAT --help`) ? listed(text) : [];
  return own + more.map((name) => sections(...command, name)).join("");
}

/** A plugin of TypeDoc: the page `Command line` ends with the help of each command, as the product prints it. */
export function commandHelp(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    if (page.name !== "Command line") return;
    const all = help();
    const each = listed(all).map((command) => sections(command));
    page.content.push({ kind: "text", text: `\n\n\`\`\`text\n${all}\n\`\`\`${each.join("")}` });
  });
}
