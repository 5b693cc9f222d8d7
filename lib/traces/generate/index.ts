/** Seeded generators of traces, one for each kind, for sizes and shapes that no capture has. */
export { blockWorkload, type BlockWorkloadOptions } from "./block-workload.ts";
export { codeVersions, type CodeVersionsOptions } from "./code-versions.ts";
export type { GeneratedOptions } from "./generated.ts";
export { memoryImage, type MemoryImageOptions } from "./memory-image.ts";
export { memoryReferences, type MemoryReferencesOptions } from "./memory-references.ts";
export { osNoise, type OsNoiseOptions } from "./os-noise.ts";
export { profileSamples, type ProfileSamplesOptions } from "./profile-samples.ts";
export { radioFrames, type RadioFramesOptions } from "./radio-frames.ts";
export { taskCosts, type TaskCostsOptions, type TaskDevice } from "./task-costs.ts";
export { type ExitReason, vmExits, type VmExitsOptions } from "./vm-exits.ts";
