import type { TraceFormat } from "../../formats/format.ts";
import { champsim } from "./champsim.ts";
import { dinero } from "./dinero.ts";
import { drmemtrace } from "./drmemtrace.ts";
import { lackey } from "./lackey.ts";
import { pinatrace } from "./pinatrace.ts";

/** Memory references. */
export const memoryFormats: readonly TraceFormat[] = [lackey, drmemtrace, champsim, pinatrace, dinero];
