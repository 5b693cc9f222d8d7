import { isUtf8 } from "node:buffer";
import type { TraceFormat } from "../../formats/format.ts";
import { type Layout, optional } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import { readLines } from "../../formats/read-lines.ts";
import type { Rows } from "../../formats/rows.ts";

const newline = 10;
const tab = 9;
const space = 32;
const colon = 58;

/** A paragraph that is longer is none of a package's: it would fill memory. */
const longestParagraph = 16 * 1024 * 1024;
const longestName = 100;

const layout = {
  package: "text",
  version: optional("words"),
  architecture: optional("words"),
  status: optional("words"),
  priority: optional("words"),
  section: optional("words"),
  essential: optional("words"),
  multiArch: optional("words"),
  installedSizeKib: optional("float64"),
  source: optional("words"),
  sourceVersion: optional("words"),
  maintainer: optional("words"),
  preDepends: optional("text"),
  depends: optional("text"),
  recommends: optional("text"),
  suggests: optional("text"),
  enhances: optional("text"),
  breaks: optional("text"),
  conflicts: optional("text"),
  replaces: optional("text"),
  provides: optional("text"),
  homepage: optional("words"),
  file: optional("text"),
  sizeBytes: optional("float64"),
  sha256: optional("text"),
  description: optional("text"),
  conffiles: optional("text"),
  other: optional("text"),
} as const satisfies Layout;

type Packages = Rows<typeof layout>;
type Column = keyof typeof layout;

/** Columns of the fields, by their names in lower case, which have dashes where ours have capitals. */
const columnOf = new Map<string, Column>([
  ...(Object.keys(layout) as Column[])
    .filter((name) => !["sourceVersion", "installedSizeKib", "sizeBytes", "file", "other"].includes(name))
    .map((name) => [name.replace(/[A-Z]/, (letter) => `-${letter.toLowerCase()}`), name] as const),
  ["installed-size", "installedSizeKib"],
  ["size", "sizeBytes"],
  ["filename", "file"],
]);
const numbers: readonly Column[] = ["installedSizeKib", "sizeBytes"];

/** A paragraph while it is read. */
class Paragraph {
  readonly values = new Map<Column, string>();
  readonly other: string[] = [];
  readonly names = new Set<string>();
  /** The field that a further line goes on with: a column of texts, or the other fields. */
  open: Column | undefined;
  length = 0;
}

/** The rest of the line as text, with nothing of it consumed behind it. */
function textOf(line: Line, field: string): string {
  const from = line.until(newline);
  const bytes = line.bytes.subarray(from, line.at);
  if (!isUtf8(bytes)) line.failAt(from, field, "text in UTF-8");
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}

function readField(line: Line, paragraph: Paragraph): void {
  const from = line.at;
  const first = line.peek();
  if (first === space || first === tab) {
    if (paragraph.open === undefined) line.fail("continuation", "a field, or a further line of a text");
    const text = textOf(line, paragraph.open);
    paragraph.length += text.length;
    if (paragraph.open === "other") paragraph.other.push(text);
    else paragraph.values.set(paragraph.open, `${paragraph.values.get(paragraph.open) ?? ""}\n${text}`);
    return;
  }
  let at = from;
  for (let byte = first; byte > space && byte < 127 && byte !== colon && at - from < longestName;) {
    at += 1;
    byte = line.bytes[at]!;
  }
  if (line.bytes[at] !== colon || at === from) line.fail("field", 'a field such as "Package: hello"');
  const name = line.slice(from, at);
  const key = name.toLowerCase();
  if (paragraph.names.has(key)) line.fail(name, "each field once in a paragraph");
  paragraph.names.add(key);
  line.at = at + 1;
  line.spaces();
  const column = columnOf.get(key);
  if (column !== undefined && numbers.includes(column)) {
    const start = line.at;
    const value = line.whole(name);
    line.spaces();
    if (!line.isAtEnd) line.failAt(start, name, "a whole number below 2^53");
    paragraph.values.set(column, String(value));
    paragraph.open = undefined;
    return;
  }
  const text = textOf(line, name).trimEnd();
  paragraph.length += text.length;
  paragraph.open = column ?? "other";
  if (column === undefined) paragraph.other.push(`${name}: ${text}`);
  else paragraph.values.set(column, text);
}

/** `Source: util-linux (2.38)`: the version stands there where it is another than the package's. */
const sourcePattern = /^(\S+)\s+\(([^()]*)\)$/;

function store(paragraph: Paragraph, rows: Packages): void {
  const { values } = paragraph;
  const source = sourcePattern.exec(values.get("source") ?? "");
  if (source !== null) values.set("source", source[1]!).set("sourceVersion", source[2]!);
  if (paragraph.other.length > 0) values.set("other", paragraph.other.join("\n"));
  const { columns, count } = rows;
  for (const name of Object.keys(layout) as Column[]) {
    const value = values.get(name);
    if (value === undefined) rows.setNull(name);
    else if (name === "installedSizeKib" || name === "sizeBytes") columns[name][count] = Number(value);
    else columns[name].setText(count, value);
  }
  rows.count += 1;
}

/**
 * Lists of packages in paragraphs of `Field: value` (deb822(5)): dpkg's `/var/lib/dpkg/status` (https://manpages.debian.org/dpkg-query, deb-control(5)) and apt's
 * `Packages` (https://wiki.debian.org/DebianRepository/Format), a row each package. `status` is what dpkg wants, whether that is in order, and what there
 * is: `install ok installed`; null in apt's list, which has `file`, `sizeBytes` (of the .deb file) and `sha256`. `installedSizeKib` is the field Installed-Size.
 * `source` and `sourceVersion` are null where they are the package's own. A text of several lines (`description`, `conffiles`) has them as
 * they stand, each behind a newline; fields without a column are in `other`, as they stand. The fields' order is not kept, so nothing is
 * written back. A paragraph with a bad line is left out as a whole.
 */
export const dpkgStatus: TraceFormat = {
  name: "dpkg-status",
  title: "Packages of dpkg (status) or apt (Packages)",
  kind: "packages",
  detect: ({ lines }) =>
    /^Package: ?\S+$/.test(lines[0] ?? "") &&
    lines.slice(1, 60).some((line) => /^(Status|Version|Architecture): ?\S/.test(line)),
  read(source, options) {
    let paragraph: Paragraph | undefined;
    let isBad = false;
    const finish = (line: Line, rows: Packages) => {
      const whole = paragraph;
      paragraph = undefined;
      if (isBad || whole === undefined) {
        isBad = false;
        return;
      }
      if ((whole.values.get("package") ?? "") === "") {
        line.fail("Package", "a field Package in the paragraph that ends here");
      }
      store(whole, rows);
    };
    return readLines(source, options, {
      layout,
      read(line) {
        if (isBad) {
          line.rest();
          return;
        }
        paragraph ??= new Paragraph();
        readField(line, paragraph);
        if (paragraph.length > longestParagraph) line.fail("paragraph", `at most ${longestParagraph} bytes`);
        line.end();
      },
      blank: finish,
      end: finish,
      reset() {
        // The rest of the paragraph would be another package's.
        isBad = paragraph !== undefined;
        paragraph = undefined;
      },
    });
  },
};
