import type { TraceFormat } from "../../formats/format.ts";
import { champsim } from "./champsim.ts";
import { dinero } from "./dinero.ts";
import { dineroExtended } from "./dinero-extended.ts";
import { drmemtrace } from "./drmemtrace.ts";
import { lackey } from "./lackey.ts";
import { pinatrace } from "./pinatrace.ts";

/** Memory references. */
export const memoryFormats: readonly TraceFormat[] = [lackey, drmemtrace, champsim, pinatrace, dinero, dineroExtended];
