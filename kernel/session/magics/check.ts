import { misused, type Magic } from "./magic.ts";

/** `%check`, where it is not at the cell's top. */
export const check: Magic = {
  summary: "sets what becomes of type errors",
  usage: ["%check off", "%check warn", "%check error"],
  help:
    "Stands at the top of a cell, before anything but comments, and holds from there on: type errors are not looked for, are shown under " +
    "their cell, or fail it once it has run.",
  run() {
    throw misused(check, "a line below others");
  },
};
