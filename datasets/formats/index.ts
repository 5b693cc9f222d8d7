import { blockFormats } from "../readers/block/index.ts";
import { hpcFormats } from "../readers/hpc/index.ts";
import { imagesFormats } from "../readers/images/index.ts";
import { memoryFormats } from "../readers/memory/index.ts";
import { packagesFormats } from "../readers/packages/index.ts";
import { profilesFormats } from "../readers/profiles/index.ts";
import { radioFormats } from "../readers/radio/index.ts";
import type { TraceFormat } from "./format.ts";

/**
 * Every format of traces that is read. A file is of the first one that recognises it, and no two recognise the same file.
 *
 * @example
 * ```ts
 * import { traceFormats } from "veelab/datasets";
 *
 * for (const { name, kind, title } of traceFormats) console.log(name, kind, title);
 * ```
 */
export const traceFormats: readonly TraceFormat[] = [
  ...blockFormats,
  ...memoryFormats,
  ...profilesFormats,
  ...imagesFormats,
  ...packagesFormats,
  ...radioFormats,
  ...hpcFormats,
];
