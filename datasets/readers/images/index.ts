import type { TraceFormat } from "../../formats/format.ts";
import { elfCore } from "./elf-core.ts";
import { rawMemory } from "./raw-memory.ts";

/** Memory images and code. */
export const imagesFormats: readonly TraceFormat[] = [elfCore, rawMemory];
