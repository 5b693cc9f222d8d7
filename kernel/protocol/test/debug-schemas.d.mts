/** The commands of the debugger whose answers are known to the schemas. */
export const debugCommands: readonly string[];
