import type { TraceFormat } from "../../formats/format.ts";
import { lackey } from "./lackey.ts";

/** Memory references. */
export const memoryFormats: readonly TraceFormat[] = [lackey];
