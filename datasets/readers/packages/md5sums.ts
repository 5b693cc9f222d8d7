import type { TraceFormat } from "../../formats/format.ts";
import { optional } from "../../formats/layout.ts";
import { readLines } from "../../formats/read-lines.ts";
import { writeLines } from "../../formats/write-lines.ts";
import { mostLines } from "../block/most-lines.ts";

const space = 32;
const star = 42;
const hashDigits = 32;

const isHexadecimal = new Uint8Array(256);
for (const digit of "0123456789abcdef") isHexadecimal[digit.charCodeAt(0)] = 1;

/**
 * Hashes of a package's files, as dpkg keeps them (`/var/lib/dpkg/info/NAME.md5sums` or `NAME:ARCHITECTURE.md5sums`, written by dh_md5sums; deb-md5sums(5),
 * https://manpages.debian.org/deb-md5sums) and as md5sum prints them: `hash  path` a line, the path from the root directory, without its slash. `package` and
 * `architecture` are but in the file's name, and null where it is no such name; the version is nowhere, and always null. Configuration files
 * are not in these lists: dpkg's status has their hashes.
 */
export const md5sums: TraceFormat = {
  name: "md5sums",
  title: "Hashes of a package's files (md5sums)",
  kind: "packages",
  detect: (head) => mostLines(head, /^[\da-f]{32} [ *]\S/),
  read(source, options) {
    const [, name, architecture] = /^([^:]+)(?::([^:]+))?\.md5sums(?:\.\w+)?$/.exec(source.file) ?? [];
    return readLines(source, options, {
      layout: {
        package: optional("words"),
        version: optional("words"),
        architecture: optional("words"),
        path: "text",
        md5: "text",
      },
      read(line, rows) {
        const { columns, count } = rows;
        const from = line.at;
        while (isHexadecimal[line.peek()] === 1) line.at += 1;
        if (line.at - from !== hashDigits) line.failAt(from, "md5", `${hashDigits} hexadecimal digits`);
        line.store(columns.md5, count, from, "md5");
        line.expect(space, "md5");
        if (line.peek() !== star) line.expect(space, "md5");
        else line.at += 1;
        if (line.isAtEnd) line.fail("path", "a path");
        line.store(columns.path, count, line.until(10), "path");
        line.end("path");
        if (name === undefined) rows.setNull("package");
        else columns.package.setText(count, name);
        if (architecture === undefined) rows.setNull("architecture");
        else columns.architecture.setText(count, architecture);
        rows.setNull("version");
        rows.count += 1;
      },
    });
  },
  write: (batches) =>
    writeLines("md5sums", batches, ({ column }) => {
      const [md5, path] = [column("md5"), column("path")];
      return (row) => `${md5.text(row)}  ${path.text(row)}`;
    }),
};
