// Datasets show how far an import is, simulators a sweep: one agreement with the host.
export { openBar } from "../../datasets/progress.ts";
