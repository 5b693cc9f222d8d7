import { isJsonObject, type JsonObject, type Json } from "../protocol/json.ts";
import type { Output } from "./notebook.ts";

/** The outputs of a notebook's cells while messages come in, merged as a front end shows them. */
export interface OutputStore {
  /** Forgets what a cell had put out, before it runs again. */
  reset(cell: number): void;
  /** Takes a message of the kernel's output channel for a cell; other types than outputs are ignored. */
  take(cell: number, type: string, content: JsonObject): void;
  /** Adds an output that no message brought: what became of a kernel that died. */
  add(cell: number, output: Output): void;
  /** The cell's outputs so far. */
  of(cell: number): readonly Output[];
}

interface Area {
  outputs: Entry[];
  /** `clear_output(wait)` was asked for: the next output replaces all before it. */
  clearNext: boolean;
}

type Entry = { output: Output; displayId?: string } | { stream: string; chunks: string[] };

/**
 * A store without outputs. Consecutive texts of one stream become one output, a later `update_display_data` changes
 * every display of that id in any cell, `clear_output(wait)` waits, and transient data is dropped: what nbclient and
 * JupyterLab do. A carriage return erases the text before it on its line, so that a progress line is saved once.
 */
export function createOutputStore(): OutputStore {
  const areas = new Map<number, Area>();
  const area = (cell: number): Area => {
    let found = areas.get(cell);
    if (found === undefined) areas.set(cell, (found = { outputs: [], clearNext: false }));
    return found;
  };
  const add = (cell: number, entry: Entry): void => {
    const target = area(cell);
    if (target.clearNext) target.outputs = [];
    target.clearNext = false;
    const last = target.outputs.at(-1);
    if ("stream" in entry && last !== undefined && "stream" in last && last.stream === entry.stream)
      last.chunks.push(...entry.chunks);
    else target.outputs.push(entry);
  };
  const updateDisplays = (displayId: string, data: JsonObject, metadata: JsonObject): void => {
    for (const { outputs } of areas.values())
      for (const entry of outputs)
        if ("output" in entry && entry.displayId === displayId && "data" in entry.output)
          entry.output = { ...entry.output, data, metadata };
  };
  return {
    reset(cell) {
      areas.delete(cell);
    },
    add(cell, output) {
      add(cell, { output });
    },
    take(cell, type, content) {
      if (type === "clear_output") {
        const target = area(cell);
        if (content["wait"] === true) target.clearNext = true;
        else target.outputs = [];
        return;
      }
      if (type === "stream") {
        add(cell, { stream: text(content["name"], "stdout"), chunks: [text(content["text"])] });
        return;
      }
      const displayId = displayIdOf(content);
      if (type === "update_display_data") {
        if (displayId !== undefined) updateDisplays(displayId, object(content["data"]), object(content["metadata"]));
        return;
      }
      const output = outputOf(type, content);
      if (output === undefined) return;
      if (displayId === undefined) {
        add(cell, { output });
        return;
      }
      if ("data" in output) updateDisplays(displayId, output.data, output.metadata);
      add(cell, { output, displayId });
    },
    of(cell) {
      return (areas.get(cell)?.outputs ?? []).map((entry) =>
        "output" in entry
          ? entry.output
          : { output_type: "stream", name: entry.stream, text: overwritten(entry.chunks.join("")) },
      );
    },
  };
}

function outputOf(type: string, content: JsonObject): Output | undefined {
  switch (type) {
    case "display_data":
      return { output_type: type, data: object(content["data"]), metadata: object(content["metadata"]) };
    case "execute_result": {
      const count = content["execution_count"];
      return {
        output_type: type,
        data: object(content["data"]),
        metadata: object(content["metadata"]),
        execution_count: typeof count === "number" ? count : null,
      };
    }
    case "error": {
      const traceback = content["traceback"];
      return {
        output_type: type,
        ename: text(content["ename"]),
        evalue: text(content["evalue"]),
        traceback: Array.isArray(traceback) ? traceback.map((line: Json) => text(line)) : [],
      };
    }
    default:
      return undefined;
  }
}

function displayIdOf(content: JsonObject): string | undefined {
  const transient = content["transient"];
  const id = isJsonObject(transient) ? transient["display_id"] : undefined;
  return typeof id === "string" && id !== "" ? id : undefined;
}

/** What a terminal would still show of a text: a carriage return erases its line so far, a backspace one character. */
export function overwritten(text: string): string {
  if (!/[\r\x08]/u.test(text)) return text;
  return text.split("\n").map(lastDrawn).join("\n");
}

function lastDrawn(line: string): string {
  const end = line.replace(/\r+$/u, "");
  const drawn = end.slice(end.lastIndexOf("\r") + 1);
  if (!drawn.includes("\b")) return drawn;
  const characters: string[] = [];
  for (const character of drawn) {
    if (character === "\b") characters.pop();
    else characters.push(character);
  }
  return characters.join("");
}

const text = (value: Json | undefined, otherwise = ""): string => (typeof value === "string" ? value : otherwise);
const object = (value: Json | undefined): JsonObject => (isJsonObject(value) ? value : {});
