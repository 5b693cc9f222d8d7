import type { TraceFormat } from "../../formats/format.ts";
import { alibaba } from "./alibaba.ts";

/** Block I/O. */
export const blockFormats: readonly TraceFormat[] = [alibaba];
