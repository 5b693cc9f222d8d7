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

/** A plugin of TypeDoc: the page `Command line` ends with the help of each command, as the product prints it. */
export function commandHelp(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, page) => {
    if (page.name !== "Command line") return;
    const all = help();
    const commands = Array.from(all.matchAll(/^ {2}([a-z]+) /gm), ([, command]) => command);
    const sections = commands.map((command) => `\n\n## veelab ${command}\n\n\`\`\`text\n${help(command)}\n\`\`\``);
    page.content.push({ kind: "text", text: `\n\n\`\`\`text\n${all}\n\`\`\`${sections.join("")}` });
  });
}
