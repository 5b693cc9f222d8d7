import { MagicError, type Magic } from "./magic.ts";

/** `%env`. */
export const env: Magic = {
  summary: "lists, gives or sets environment variables",
  usage: ["%env", "%env NAME", "%env NAME=VALUE", "%env NAME VALUE"],
  help: "What is set holds for commands and for `process.env`, as long as the kernel runs.",
  run({ argument }, host) {
    if (argument === "") return { ...process.env };
    const [, name = argument, value] = /^([^\s=]+)(?:\s*=\s*|\s+)(.*)$/.exec(argument) ?? [];
    if (value !== undefined) {
      process.env[name] = value;
      host.print(`env: ${name}=${value}\n`);
      return undefined;
    }
    const found = process.env[name];
    if (found === undefined) throw new MagicError(`%env: expected a variable of the environment, got ${name}`);
    return found;
  },
};
