// How many instructions a second of processor time are decoded (length, control flow, memory operands), beside iced-x86 alone, which
// is asked for nothing but each instruction's length; and how many blocks of a program are found. The compiler proper (cc1, as `cc` finds it), whose code is read
// once over, and executions/kernels; medians of five rounds after one that warms up.
import { spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { Decoder, DecoderOptions, Instruction } from "iced-x86";
import { processorSeconds } from "../../datasets/bench/processor-seconds.ts";
import { open } from "../../datasets/index.ts";
import { figure, missing } from "../../kernel/bench/figure.ts";
import { bytesOf, decodeProgram, readImage } from "../hybrid-rewriting/index.ts";
import { Shapes } from "../hybrid-rewriting/shapes.ts";

const million = (count: number, seconds: number): number => count / seconds / 1e6;

function sweep(code: Uint8Array, shapes: Shapes): number {
  let [count, accesses] = [0, 0];
  for (let at = 0; at < code.length;) {
    const shape = shapes.at(code, at);
    if (shape === undefined) throw new Error(`no instruction at ${at}`);
    accesses += shape.operands.length;
    at += shape.length;
    count += 1;
  }
  if (accesses === 0) throw new Error("nothing is accessed");
  return count;
}

function icedSweep(code: Uint8Array): number {
  let count = 0;
  const instruction = new Instruction();
  const decoder = new Decoder(64, code, DecoderOptions.None);
  for (let at = 0; at < code.length; at += instruction.length) {
    decoder.decodeOut(instruction);
    count += 1;
  }
  decoder.free();
  instruction.free();
  return count;
}

// Null where there is no cc.
const found: { readonly stdout: string | null } = spawnSync("cc", ["-print-prog-name=cc1"], { encoding: "utf8" });
const compiler = await readFile((found.stdout ?? "").trim()).catch(() => undefined);
if (compiler === undefined) missing("iced-x86 alone", "gcc, whose compiler proper is what is decoded");
else {
  const { code } = await readImage(compiler, "cc1");
  const { bytes } = code.reduce((most, one) => (one.bytes.length > most.bytes.length ? one : most));
  let [own, alone] = [0, 0];
  const coldSeconds = await processorSeconds(() => (own = sweep(bytes, new Shapes())));
  const aloneSeconds = await processorSeconds(() => (alone = icedSweep(bytes)));
  if (own !== alone) throw new Error(`instructions differ: ${own}, iced-x86 ${alone}`);
  const known = new Shapes();
  const knownSeconds = await processorSeconds(() => sweep(bytes, known));
  const peers = { "iced-x86 alone": million(alone, aloneSeconds) };
  figure(`decode, ${own} instructions of cc1, nothing learnt before`, million(own, coldSeconds), "M instructions/s", {
    peers,
  });
  figure("decode again", million(own, knownSeconds), "M instructions/s", { peers });
}

const image = await readImage(bytesOf(await open("executions/kernels")), "kernels");
let blocks = decodeProgram(image).blocks;
const blockSeconds = await processorSeconds(() => (blocks = decodeProgram(image).blocks));
const instructions = blocks.reduce((sum, block) => sum + block.instructions, 0);
figure("blocks of the whole program", million(blocks.length, blockSeconds), "M blocks/s");
figure("instructions of the whole program's blocks", million(instructions, blockSeconds), "M instructions/s");
