import type { TraceFormat } from "../../formats/format.ts";
import { dumpi } from "./dumpi.ts";
import { goal } from "./goal.ts";
import { noise } from "./noise.ts";
import { simgrid } from "./simgrid.ts";
import { starpuBus } from "./starpu-bus.ts";
import { starpuModel } from "./starpu-model.ts";

/** Noise, MPI and task costs. */
export const hpcFormats: readonly TraceFormat[] = [noise, simgrid, dumpi, goal, starpuModel, starpuBus];
