// For the tests of the folders that do not import the kernel.
export { freePorts } from "../run/free-ports.ts";
