import { commandOf, UsageError, wholeNumber } from "../../datasets/commands/arguments.ts";
import { checkUrl } from "./redis/options.ts";

/** `veelab work`. */
export const work: (args: readonly string[]) => Promise<number> = commandOf({
  name: "veelab work",
  help: `Usage: veelab work --redis URL [--workers N]
       veelab work FOLDER --submission N --task K

Runs points of sweeps that other processes coordinate. With --redis, it serves every sweep with on: redis({ url }) until it is ended
(Ctrl-C); what it runs then is run again by another worker. The other form is what a task of on: slurm() runs on a node of the cluster.
The veelab here must have the same version as the coordinator's; a sweep of another one is refused, which its coordinator is told.

  --redis URL        redis://host:6379; VEELAB_REDIS_URL when not given, which keeps a password out of the list of processes
  --workers N        how many points of each sweep run at the same time, at least 1; 1 when not given
  --submission N     which job array of the sweep
  --task K           which task of it
  -h, --help         print this
`,
  options: {
    redis: { type: "string" },
    workers: { type: "string" },
    submission: { type: "string" },
    task: { type: "string" },
  },
  async run({ values, positionals }) {
    const [folder, ...more] = positionals;
    if (more.length > 0) throw new UsageError(`expected one folder, got ${more.length + 1}`);
    if (folder !== undefined) {
      const submission = wholeNumber("submission", values.submission);
      const task = wholeNumber("task", values.task);
      if (submission === undefined || task === undefined)
        throw new UsageError("expected --submission and --task with a folder");
      const { runTask } = await import("./slurm/task.ts");
      await runTask(folder, submission, task);
      return 0;
    }
    const url = values.redis ?? process.env["VEELAB_REDIS_URL"];
    if (url === undefined) throw new UsageError("expected a folder or --redis URL, got neither");
    const stop = new AbortController();
    const end = (): void => {
      stop.abort();
    };
    for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, end);
    const { serve } = await import("./redis/serve.ts");
    await serve({
      url: checkUrl(url),
      threads: wholeNumber("workers", values.workers, 1) ?? 1,
      signal: stop.signal,
      onLine(line) {
        process.stderr.write(`${line}\n`);
      },
    });
    return 0;
  },
});
