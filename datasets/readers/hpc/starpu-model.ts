import type { ColumnReader } from "../../formats/batch-rows.ts";
import type { TraceFormat } from "../../formats/format.ts";
import { headBytes } from "../../formats/head.ts";
import { type Layout, optional } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import { readLines } from "../../formats/read-lines.ts";
import type { Rows } from "../../formats/rows.ts";
import { type LineWriter, writeLines } from "../../formats/write-lines.ts";
import { codeletOf } from "./starpu-names.ts";

const newline = 10;
const hash = 35;

const layout = {
  task: "words",
  device: "words",
  sizeBytes: optional("float64"),
  meanSeconds: optional("float64"),
  deviationSeconds: optional("float64"),
  flops: optional("float64"),
  samples: optional("uint32"),
  sumSeconds: optional("float64"),
  sumSquaresSeconds2: optional("float64"),
  footprint: optional("uint32"),
  implementation: "uint32",
  cores: "uint32",
  alphaSeconds: optional("float64"),
  beta: optional("float64"),
  aSeconds: optional("float64"),
  b: optional("float64"),
  cSeconds: optional("float64"),
  coefficients: optional("words"),
  preamble: optional("text"),
} as const satisfies Layout;

type Costs = Rows<typeof layout>;

/** The columns of an entry of a table. */
const measured = [
  "sizeBytes",
  "meanSeconds",
  "deviationSeconds",
  "flops",
  "samples",
  "sumSeconds",
  "sumSquaresSeconds2",
  "footprint",
] as const;

const versions = [44, 45];
const mostDevices = 64;
/** No comment that is read is longer; a search in a longer one could take long. */
const longestComment = 1000;

/** The device types' numbers, which the files say in a comment, as they differ between versions. */
const typesComment = /^# device type \((.*)\)$/;

/**
 * Performance models of codelets as StarPU keeps them (`~/.starpu/sampling/codelets/45/codelet.host`): for each combination of devices and
 * each implementation a table by footprint (a hash of the data's layout) of size, operations, mean and deviation of the time, sums, and number of
 * measurements. Times are microseconds in the file, and seconds in the rows. `task` is the codelet's name, which is but in the file's name, up to its
 * last point; `device` the devices' types and numbers, as `cpu0` or `cuda1+cpu0`; `cores` how many of them in all. What is nan in the file
 * is null. Versions 44 and 45.
 *
 * Each row has the regressions of its model, too, null where the model has none: the time is `alphaSeconds` × size^`beta`; with an offset,
 * `aSeconds` × size^`b` + `cSeconds`; with several parameters of the task, the sum of the `coefficients` (in microseconds, as they stand in the file:
 * the intercept, then one for each product of parameters). A model without a table is one row, whose measurements are null: multiple regressions are
 * kept so. `preamble` is the lines that stand before a row's own, back to the row before (64 KiB of them at most), which name the parameters and have the
 * regressions' sums; files are written with them, byte for byte as StarPU writes them.
 *
 * Lines depend on those before them: behind one that is left out, nothing is read. Described in
 * https://files.inria.fr/starpu/doc/html/OfflinePerformanceTools.html and src/core/perfmodel/perfmodel_history.c of StarPU.
 */
export const starpuModel: TraceFormat = {
  name: "starpu-model",
  title: "StarPU performance model of a codelet",
  kind: "tasks",
  detect({ lines }) {
    const text = lines.filter((line) => line !== "" && !/^#+$/.test(line));
    return text[0] === "# Performance Model Version" && versions.includes(Number(text[1]));
  },
  read(source, options) {
    const types = ["cpu", "cuda", "opencl", "mic"];
    const state: State = { task: codeletOf(source.file), types, preamble: "", empty: undefined };
    let steps: Generator<void, void, Place> | undefined;
    return readLines(source, options, {
      layout,
      mostRows: 2,
      blank() {
        keep(state, "");
      },
      read(line, rows) {
        if (line.peek() === hash) {
          const text = keepLine(state, line);
          const names = typesComment.exec(text.slice(0, longestComment));
          for (const [, name, number] of names?.[1]?.matchAll(/(\w+) - (\d{1,2})(?=,|$)/g) ?? [])
            types[Number(number)] = name!.toLowerCase();
          line.rest();
          return;
        }
        completeEmpty(state, rows);
        if (steps === undefined) {
          steps = model(state);
          steps.next();
        }
        if (steps.next({ line, rows }).done === true) line.fail("model", "nothing behind the last model");
      },
      end(_, rows) {
        // A blank line stands behind each model, also the last one: it is written without being kept.
        state.preamble = state.preamble.replace(/\n\n$/, "\n");
        completeEmpty(state, rows);
      },
    });
  },
  async *write(batches) {
    yield* writeLines("starpu-model", batches, entryLine);
    yield Buffer.from("\n");
  },
};

/** What is known of the file up to a line. */
interface State {
  readonly task: string;
  readonly types: string[];
  /** The lines since the last row's, with their ends. */
  preamble: string;
  /** A model without entries, whose row is complete when the next model begins. */
  empty: Model | undefined;
}

/** A model, as all of its rows have it. */
interface Model {
  readonly device: string;
  readonly implementation: number;
  readonly cores: number;
  /** Of the linear and the power-law regression, in the order of {@link regressions}. */
  readonly regression: readonly number[];
  readonly coefficients: string;
}

const utf8 = new TextDecoder();

function keep(state: State, text: string): void {
  if (state.preamble.length < headBytes) state.preamble += `${text}\n`;
}

/** Keeps a line that is no row's own, which is not consumed; gives its text. */
function keepLine(state: State, line: Line): string {
  const { at } = line;
  line.until(newline);
  const text = utf8.decode(line.bytes.subarray(at, line.at));
  line.at = at;
  keep(state, text);
  return text;
}

interface Place {
  readonly line: Line;
  readonly rows: Costs;
}

/** Reads a model, a line for each step: what a line means depends on the numbers before it. */
function* model(state: State): Generator<void, void, Place> {
  let place: Place;
  const number = (field: string, most: number): number => {
    const { line } = place;
    keepLine(state, line);
    const value = line.below(most, field);
    line.spaces();
    if (!line.isAtEnd) line.fail(field, "the end of the line");
    return value;
  };
  place = yield;
  const from = place.line.at;
  if (!versions.includes(number("version", 1e6)))
    place.line.failAt(from, "version", `version ${versions.join(" or ")}`);
  place.line.end();
  place = yield;
  const combinations = number("combinations", 1e6);
  place.line.end();
  for (let combination = 0; combination < combinations; combination += 1) {
    place = yield;
    const devices = number("devices", mostDevices);
    place.line.end();
    const names: string[] = [];
    let cores = 0;
    for (let device = 0; device < devices; device += 1) {
      place = yield;
      const type = number("device type", 99);
      place.line.end();
      place = yield;
      const id = number("device id", 0xffff);
      place.line.end();
      place = yield;
      cores += number("cores", 0xffff);
      place.line.end();
      names.push(`${state.types[type] ?? `type${type}-`}${id}`);
    }
    place = yield;
    const implementations = number("implementations", 1e6);
    place.line.end();
    for (let implementation = 0; implementation < implementations; implementation += 1) {
      place = yield;
      const entries = number("entries", 1e9);
      place.line.end();
      const numbers: number[] = [];
      for (const [field, count] of [
        ["regression", 9],
        ["power law", 3],
      ] as const) {
        place = yield;
        const words = wordsOf(state, place.line, field);
        if (words.length < count) place.line.fail(field, `${count} numbers`);
        numbers.push(...words.slice(0, count).map(Number));
        place.line.rest();
      }
      place = yield;
      const [count, ...coefficients] = wordsOf(state, place.line, "multiple regression");
      if (Number(count) !== coefficients.length)
        place.line.fail("multiple regression", "a number, and so many coefficients");
      place.line.rest();
      const of: Model = {
        device: names.join("+"),
        implementation,
        cores,
        regression: regressions.map(([, at, scale]) => numbers[at]! / scale),
        coefficients: coefficients.join(" "),
      };
      if (entries === 0) state.empty = of;
      for (let entry = 0; entry < entries; entry += 1) {
        place = yield;
        readEntry(place, state, of);
      }
    }
  }
  place = yield;
}

/** The regressions' columns, where they stand among their numbers, and what one of theirs is of the file's. */
const regressions = [
  ["alphaSeconds", 4, 1e6],
  ["beta", 5, 1],
  ["aSeconds", 9, 1e6],
  ["b", 10, 1],
  ["cSeconds", 11, 1e6],
] as const;

const isNan = (word: string): boolean => word === "nan" || word === "-nan";

/** The numbers of a regression's line, which is not consumed. */
function wordsOf(state: State, line: Line, field: string): string[] {
  const words = keepLine(state, line)
    .split(/\s+/)
    .filter((word) => word !== "");
  if (!words.every((word) => isNan(word) || Number.isFinite(Number(word)))) line.fail(field, "numbers");
  return words;
}

/** Fills what a model's rows have in common, and counts the row. */
function completeRow(state: State, rows: Costs, of: Model): void {
  const { columns, count } = rows;
  columns.task.setText(count, state.task);
  columns.device.setText(count, of.device);
  columns.implementation[count] = of.implementation;
  columns.cores[count] = of.cores;
  for (const [at, [name]] of regressions.entries()) {
    columns[name][count] = of.regression[at]!;
    if (Number.isNaN(of.regression[at])) rows.setNull(name);
  }
  if (of.coefficients === "") rows.setNull("coefficients");
  else columns.coefficients.setText(count, of.coefficients);
  if (state.preamble === "") rows.setNull("preamble");
  else columns.preamble.setText(count, state.preamble);
  state.preamble = "";
  rows.count += 1;
}

/** Counts the row of a model without entries, if there is one. */
function completeEmpty(state: State, rows: Costs): void {
  if (state.empty === undefined) return;
  for (const name of measured) rows.setNull(name);
  completeRow(state, rows, state.empty);
  state.empty = undefined;
}

const fields = ["size", "flops", "mean", "deviation", "sum", "sum of squares", "samples"] as const;

/** footprint, size, flops, mean, deviation, sum, sum of squares, samples; flops only since version 44's end. */
function readEntry({ line, rows }: Place, state: State, of: Model): void {
  const { columns, count } = rows;
  const from = line.word("footprint");
  const footprint = line.slice(from, line.at);
  if (!/^[\da-f]{1,8}$/i.test(footprint)) line.failAt(from, "footprint", "a hexadecimal number of 32 bits");
  const values: number[] = [];
  line.spaces();
  while (!line.isAtEnd) {
    const at = line.at;
    line.word("entry");
    const word = line.slice(at, line.at);
    const value = /^-?nan$/.test(word) ? NaN : Number(word);
    const isNumber = Number.isNaN(value) ? word.endsWith("nan") : value >= 0 && Number.isFinite(value);
    if (!isNumber || values.length === fields.length)
      line.failAt(at, fields[values.length] ?? "entry", "a number of at least 0");
    values.push(value);
    line.spaces();
  }
  if (values.length === fields.length - 1) values.splice(1, 0, NaN);
  if (values.length !== fields.length) line.failAt(from, "entry", "eight numbers, or seven without flops");
  const [size, flops, mean, deviation, sum, squares, samples] = values as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const isWhole = Number.isSafeInteger(size) && Number.isInteger(samples) && samples <= 0xffffffff;
  if (!isWhole || Number.isNaN(mean)) line.failAt(from, "entry", "a whole size, a mean and a number of samples");
  columns.sizeBytes[count] = size;
  columns.meanSeconds[count] = mean / 1e6;
  columns.samples[count] = samples;
  columns.footprint[count] = Number.parseInt(footprint, 16);
  for (const [name, value] of [
    ["deviationSeconds", deviation / 1e6],
    ["flops", flops],
    ["sumSeconds", sum / 1e6],
    ["sumSquaresSeconds2", squares / 1e12],
  ] as const) {
    columns[name][count] = value;
    if (Number.isNaN(value)) rows.setNull(name);
  }
  line.end("entry");
  completeRow(state, rows, of);
}

/** Makes a row's lines: its preamble, and its entry. */
function entryLine({ column }: LineWriter): (row: number) => string {
  const [size, mean, deviation, flops, samples, sum, squares, footprint] = measured.map(column);
  const preamble = column("preamble");
  return (row) => {
    const before = preamble.isNull(row) ? "" : preamble.text(row);
    if (footprint!.isNull(row)) return before.slice(0, -1);
    const real = (of: ColumnReader, scale: number): string =>
      (of.isNull(row) ? "nan" : exponential(of.number(row) * scale)).padEnd(15);
    return [
      before + footprint!.number(row).toString(16).padStart(8, "0"),
      String(size!.number(row)).padEnd(15),
      real(flops!, 1),
      real(mean!, 1e6),
      real(deviation!, 1e6),
      real(sum!, 1e6),
      real(squares!, 1e12),
      samples!.number(row),
    ].join("\t");
  };
}

/** A number as C's `%e` prints it: with two digits of the exponent at least. */
const exponential = (value: number): string => value.toExponential(6).replace(/([+-])(\d)$/, "$10$2");
