import type { TraceFormat } from "../../formats/format.ts";
import { criu } from "./criu.ts";
import { elfCode } from "./elf-code.ts";
import { elfCore } from "./elf-core.ts";
import { rawMemory } from "./raw-memory.ts";

/** Memory images and code. */
export const imagesFormats: readonly TraceFormat[] = [elfCore, elfCode, criu, rawMemory];
