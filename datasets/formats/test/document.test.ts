import { expect, it } from "vitest";
import { traceFormats } from "../index.ts";
import { kindColumns } from "../kinds.ts";

// Written anew by vitest's -u.
it("FORMATS.md lists every format and the columns of every kind", async () => {
  const kinds = [...new Set(traceFormats.map(({ kind }) => kind))].sort();
  const formats = kinds.flatMap((kind) =>
    traceFormats
      .filter((format) => format.kind === kind)
      .map(({ name, title, write }) => `| ${kind} | \`${name}\` | ${title} | ${write === undefined ? "" : "yes"} |`),
  );
  const columns = Object.entries(kindColumns).map(
    ([kind, schema]) =>
      `| ${kind} | ${Object.entries(schema)
        .map(([name, type]) => `\`${name}\` ${type}`)
        .join(", ")} |`,
  );
  const text = [
    "# Formats",
    "",
    "A file's format is found from its content, also inside gzip, zstd, lz4, xz and zip; `--as NAME` or `open(file, { as: NAME })` says it. Tables (Arrow",
    "IPC, Parquet, CSV with a header) keep the columns that they have. Traces have the columns of their kind, and the format's own behind them.",
    "",
    "## Traces",
    "",
    "| kind | name | what it is | written by `veelab convert --to` |",
    "| --- | --- | --- | --- |",
    ...formats,
    "",
    "A format that is written keeps what its own reader gave, byte for byte. A trace of another format is written in it where it has the columns that the",
    "format needs: requests of any block format as alibaba, tencent, mqsim and spc (one device where none is said, times from zero, cut to the format's",
    "unit). What is missing or does not fit is an error with row and column; events of requests (blkparse, QEMU, fio) are no requests until a query chose some.",
    "",
    'Of blkparse, the default format is read, also where `-f` ends behind its header or with `%S + %n` and `[%C]`, and `-f "%T.%t %a %d %S %n\\n"`; others',
    "are refused. A device that is stacked on others (dm, md, LVM) and those below it have events of the same request each: where a trace has several",
    "devices, choose one, `veelab sql \"from 'disk.blkparse' where device = '253,0'\" -o upper.arrow`, before you count or describe.",
    "",
    "## Columns of each kind",
    "",
    "Units stand in the names; `timeNs` counts from the trace's own zero (`veelab.origin` in the schema's metadata is that zero as the file has it).",
    "",
    "| kind | columns |",
    "| --- | --- |",
    ...columns,
    "",
  ].join("\n");
  await expect(text).toMatchFileSnapshot("../../FORMATS.md");
});
