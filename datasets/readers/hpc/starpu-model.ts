import type { TraceFormat } from "../../formats/format.ts";
import { type Layout, optional } from "../../formats/layout.ts";
import type { Line } from "../../formats/line.ts";
import { readLines } from "../../formats/read-lines.ts";
import type { Rows } from "../../formats/rows.ts";
import { codeletOf } from "./starpu-names.ts";

const hash = 35;

const layout = {
  task: "words",
  device: "words",
  sizeBytes: "float64",
  meanSeconds: "float64",
  deviationSeconds: optional("float64"),
  flops: optional("float64"),
  samples: "uint32",
  sumSeconds: optional("float64"),
  sumSquaresSeconds2: optional("float64"),
  footprint: "uint32",
  implementation: "uint32",
  cores: "uint32",
} as const satisfies Layout;

type Costs = Rows<typeof layout>;

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
 * is null. The regressions before each table are not kept, so nothing is written back. Versions 44 and 45.
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
    const task = codeletOf(source.file);
    const types = ["cpu", "cuda", "opencl", "mic"];
    let steps: Generator<void, void, Place> | undefined;
    return readLines(source, options, {
      layout,
      read(line, rows) {
        if (line.peek() === hash) {
          const names = typesComment.exec(line.text().slice(0, longestComment));
          for (const [, name, number] of names?.[1]?.matchAll(/(\w+) - (\d{1,2})(?=,|$)/g) ?? [])
            types[Number(number)] = name!.toLowerCase();
          line.rest();
          return;
        }
        if (steps === undefined) {
          steps = model(task, types);
          steps.next();
        }
        if (steps.next({ line, rows }).done === true) line.fail("model", "nothing behind the last model");
      },
    });
  },
};

interface Place {
  readonly line: Line;
  readonly rows: Costs;
}

/** Reads a model, a line for each step: what a line means depends on the numbers before it. */
function* model(task: string, types: readonly string[]): Generator<void, void, Place> {
  let place: Place;
  const number = (field: string, most: number): number => {
    const { line } = place;
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
      names.push(`${types[type] ?? `type${type}-`}${id}`);
    }
    place = yield;
    const implementations = number("implementations", 1e6);
    place.line.end();
    for (let implementation = 0; implementation < implementations; implementation += 1) {
      place = yield;
      const entries = number("entries", 1e9);
      place.line.end();
      // Linear, power-law and multiple regression.
      for (const [field, least] of [
        ["regression", 9],
        ["power law", 3],
        ["multiple regression", 1],
      ] as const) {
        place = yield;
        const start = place.line.at;
        const words = place.line
          .text()
          .split(/\s+/)
          .filter((word) => word !== "");
        if (
          words.length < least ||
          !words.every((word) => word === "nan" || word === "-nan" || Number.isFinite(Number(word)))
        )
          place.line.failAt(start, field, `at least ${least} numbers`);
        place.line.rest();
      }
      for (let entry = 0; entry < entries; entry += 1) {
        place = yield;
        readEntry(place, task, names.join("+"), implementation, cores);
      }
    }
  }
  place = yield;
}

const fields = ["size", "flops", "mean", "deviation", "sum", "sum of squares", "samples"] as const;

/** footprint, size, flops, mean, deviation, sum, sum of squares, samples; flops only since version 44's end. */
function readEntry({ line, rows }: Place, task: string, device: string, implementation: number, cores: number): void {
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
  columns.task.setText(count, task);
  columns.device.setText(count, device);
  columns.sizeBytes[count] = size;
  columns.meanSeconds[count] = mean / 1e6;
  columns.samples[count] = samples;
  columns.footprint[count] = Number.parseInt(footprint, 16);
  columns.implementation[count] = implementation;
  columns.cores[count] = cores;
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
  rows.count += 1;
}
