import { check } from "./check.ts";
import { env } from "./env.ts";
import { cd, pwd } from "./folders.ts";
import { html, javascript, latex, markdown, svg } from "./forms.ts";
import { help, lsmagic } from "./help.ts";
import { load, writefile } from "./files.ts";
import { MagicError, misused, type Magic, type MagicCall, type MagicHost } from "./magic.ts";
import { magicForms, type MagicName } from "./names.ts";
import { npm } from "./npm.ts";
import { bash, runCommand, sh } from "./shell.ts";
import { time, timeit } from "./time.ts";
import { who, whos } from "./who.ts";

/** What every magic does, and its help. */
export const magics: Readonly<Record<MagicName, Magic>> = {
  ...{ bash, cd, check, env, help, html, javascript, latex, load, lsmagic, markdown },
  ...{ npm, pwd, sh, svg, time, timeit, who, whos, writefile },
};

/**
 * Runs a magic, `!` for a command of the shell.
 *
 * @throws MagicError for a name that is none, or one that stands where it cannot
 */
export async function runMagic(
  name: string,
  call: Omit<MagicCall, "body"> & { readonly body: string | undefined },
  host: MagicHost,
): Promise<unknown> {
  const { body } = call;
  if (name === "!") return runCommand(call.argument, host);
  const sign = body === undefined ? "%" : "%%";
  if (!Object.hasOwn(magics, name))
    throw new MagicError(`${sign}${name}: expected the name of a magic (%lsmagic lists them), got ${name}`);
  const magic = magics[name as MagicName];
  const { form } = magicForms[name as MagicName];
  if (form !== "statement" && (form === "cell") !== (body !== undefined)) throw misused(magic, `${sign}${name}`);
  return magic.run({ ...call, body: body ?? "" }, host);
}
