import type { JsonObject } from "../protocol/json.ts";

/** What front ends need to know of the language: how to highlight it, what files it has. */
export const languageInfo: JsonObject = {
  name: "typescript",
  version: "6.0.3",
  mimetype: "text/typescript",
  file_extension: ".ts",
  pygments_lexer: "typescript",
  codemirror_mode: { name: "javascript", typescript: true },
  nbconvert_exporter: "script",
};
