/**
 * Ends the kernel when the process that started it is gone, however it went: a kernel that nobody can reach any more
 * must not go on spinning. Jupyter's clients ask for it by `JPY_PARENT_PID`; without that a kernel started by hand is
 * left alone. Looks every second, on the thread that calls it.
 */
export function endWithParent(): void {
  if (process.env["JPY_PARENT_PID"] === undefined || process.platform === "win32") return;
  // Not the number of the variable: a launcher may stand between the client and the kernel.
  const parent = process.ppid;
  setInterval(() => {
    // A cell may be in an endless loop, so no one else would answer a gentler signal.
    if (process.ppid !== parent) process.kill(process.pid, "SIGKILL");
  }, 1000).unref();
}
