import { showJson, type JsonObject } from "../../protocol/json.ts";
import { controlCommands, type Commands } from "./commands.ts";
import { dataCommands } from "./data-commands.ts";
import { Program, type ProgramParts } from "./program.ts";

/** The Debug Adapter Protocol, spoken on one side, as V8's inspector speaks on the other. */
export class Adapter {
  readonly program: Program;
  readonly #commands: Commands;

  constructor(parts: ProgramParts) {
    this.program = new Program(parts);
    this.#commands = { ...controlCommands(this.program), ...dataCommands(this.program) };
  }

  /** Carries out a command. Throws where that is not possible. */
  async command(name: string, given: JsonObject): Promise<JsonObject> {
    const command = Object.hasOwn(this.#commands, name) ? this.#commands[name] : undefined;
    if (command === undefined)
      throw new TypeError(`expected a command that this debugger knows, got ${showJson(name)}`);
    return (await command(given)) ?? {};
  }
}
