import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Writes what the workloads read: C files, web pages and a file server's files; the same on every machine. */
export async function writeContents(tree: string): Promise<void> {
  let state = 20110309;
  const below = (bound: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  const words = Array.from({ length: 2000 }, () =>
    Array.from({ length: 2 + below(4) }, () => `${"bcdfghklmnprstv"[below(15)]!}${"aeiou"[below(5)]!}`).join(""),
  );
  const text = (bytes: number): string => {
    const parts: string[] = [];
    for (let length = 0; length < bytes;) {
      const word = words[below(words.length)]!;
      parts.push(word);
      length += word.length + 1;
    }
    return parts.join(" ").slice(0, bytes);
  };
  await mkdir(join(tree, "srv/www"), { recursive: true });
  await mkdir(join(tree, "srv/files"));
  await mkdir(join(tree, "src"));
  await writeFile(join(tree, "srv/www/big"), text(16 << 20));
  for (let page = 0; page < 200; page += 1)
    await writeFile(
      join(tree, `srv/www/page${page}.html`),
      `<html><body>${text(2048 + below(40_000))}</body></html>\n`,
    );
  for (let file = 0; file < 64; file += 1) await writeFile(join(tree, `srv/files/${file}`), text(4096 << below(9)));
  const calls: string[] = [];
  for (let unit = 0; unit < 12; unit += 1) {
    const functions = Array.from({ length: 60 }, (_, at) => {
      const name = `${words[below(words.length)]!}_${unit}_${at}`;
      calls.push(name);
      return `/* ${text(100)} */
long ${name}(long n) {
  char line[64];
  long sum = ${below(1000)};
  for (long i = 0; i < n % ${3 + below(60)}; i += 1) {
    snprintf(line, sizeof line, "%ld ${words[below(words.length)]!}", i * ${1 + below(99)});
    sum += (long)strlen(line) ^ (i << ${below(8)});
  }
  return sum;
}`;
    });
    const source = `#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n\n${functions.join("\n\n")}\n`;
    await writeFile(join(tree, `src/unit${unit}.c`), source);
  }
  const main = `#include <stdio.h>
${calls.map((name) => `long ${name}(long);`).join("\n")}
int main(void) {
  long sum = 0;
  for (long n = 0; n < 20; n += 1) {
${calls.map((name) => `    sum += ${name}(n);`).join("\n")}
  }
  printf("%ld\\n", sum);
  return 0;
}
`;
  await writeFile(join(tree, "src/main.c"), main);
}
