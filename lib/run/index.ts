export { workers, type WorkersOptions } from "./workers.ts";
