import { homedir } from "node:os";

/**
 * A path as it is given to a magic: quotes around it do not count, and `~` is the home folder.
 *
 * @example `pathOf('"a b.txt"')` is `a b.txt`
 */
export function pathOf(argument: string): string {
  return argument.replace(/^(["'])(.*)\1$/, "$2").replace(/^~(?=$|[\\/])/, homedir());
}
