import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["{kernel,lib,datasets}/**/test/**/*.test.ts"],
    globalSetup: ["lib/assembly/build.mjs"],
    setupFiles: ["kernel/test/check-messages.ts", "kernel/test/no-history.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
    // JupyterLab's client, in a test of ours, leaves this behind where a kernel dies while it is asked who it is.
    onUnhandledError: ({ message }) => !/^Canceled future for kernel_info_request\b/.test(message),
    // As the kernel is started: its imports of local modules are vm modules.
    execArgv: ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"],
  },
});
