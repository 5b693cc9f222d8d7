import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { tool } from "./tool.ts";
import { startDaemon, until } from "./daemon.ts";
import { freePorts } from "../run/free-ports.ts";

const exec = promisify(execFile);

/** Whether a real Slurm can be started here. */
export const hasSlurm: boolean = tool(
  "sh",
  ["-c", "command -v slurmctld && command -v slurmd && command -v sbatch"],
  "slurm-wlm",
);

/** A Slurm of a test's own: one node with a few processors, on the loopback. */
export interface SlurmCluster {
  /** What its commands need in their environment. */
  readonly env: { readonly SLURM_CONF: string };
  /** Runs one of Slurm's commands; gives what it printed. */
  readonly command: (name: string, ...args: readonly string[]) => Promise<string>;
  /** Ends the controller; gives what starts it again. Tasks go on meanwhile. */
  readonly stopController: () => Promise<() => void>;
  readonly stop: () => Promise<void>;
}

/** Starts Debian's slurmctld and slurmd with a configuration of their own and waits until the node is idle. */
export async function startSlurm(cpus = 2): Promise<SlurmCluster> {
  const folder = await mkdtemp(join(tmpdir(), "veelab-slurm-"));
  const conf = join(folder, "slurm.conf");
  const [controllerPort = 0, nodePort = 0] = await freePorts(2);
  await Promise.all(["state", "spool"].map((name) => mkdir(join(folder, name))));
  await writeFile(conf, configuration({ folder, controllerPort, nodePort, cpus }));
  const env = { ...process.env, SLURM_CONF: conf };
  const command = async (name: string, ...args: readonly string[]): Promise<string> =>
    (await exec(name, args, { env })).stdout;
  const daemons = ["slurmctld", "slurmd"].map((name) => startDaemon(name, ["-D"], env));
  const stopController = async (): Promise<() => void> => {
    await daemons[0]?.stop();
    return () => {
      daemons[0] = startDaemon("slurmctld", ["-D"], env);
    };
  };
  let state = "";
  const ended = (): boolean => daemons.some((daemon) => daemon.ended());
  await until(
    async () => {
      state = (await command("sinfo", "--noheader", "--format=%T").catch(String)).trim();
      return state === "idle" || ended();
    },
    () => `Slurm's node is not idle: ${state}`,
  );
  if (ended()) throw new Error(`Slurm does not start: ${daemons.map((daemon) => daemon.output()).join("\n")}`);
  return {
    env: { SLURM_CONF: conf },
    command,
    stopController,
    async stop() {
      await command("scancel", `--user=${userInfo().username}`);
      await until(
        async () => (await command("squeue", "--noheader")).trim() === "",
        () => "jobs are left that do not end",
      );
      await Promise.all(daemons.map((daemon) => daemon.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface Configuration {
  readonly folder: string;
  readonly controllerPort: number;
  readonly nodePort: number;
  readonly cpus: number;
}

function configuration({ folder, controllerPort, nodePort, cpus }: Configuration): string {
  const host = hostname().split(".")[0] ?? "localhost";
  const { username } = userInfo();
  return `${[
    "ClusterName=veelab",
    `SlurmctldHost=${host}(127.0.0.1)`,
    "CommunicationParameters=NoInAddrAny,NoCtldInAddrAny",
    `SlurmctldPort=${controllerPort}`,
    `SlurmdPort=${nodePort}`,
    "AuthType=auth/none",
    "CredType=cred/none",
    `SlurmUser=${username}`,
    `SlurmdUser=${username}`,
    `StateSaveLocation=${folder}/state`,
    `SlurmdSpoolDir=${folder}/spool`,
    `SlurmctldPidFile=${folder}/slurmctld.pid`,
    `SlurmdPidFile=${folder}/slurmd.pid`,
    `SlurmctldLogFile=${folder}/slurmctld.log`,
    `SlurmdLogFile=${folder}/slurmd.log`,
    "ProctrackType=proctrack/pgid",
    "TaskPlugin=task/none",
    "SwitchType=switch/none",
    "MpiDefault=none",
    "JobAcctGatherType=jobacct_gather/none",
    "AccountingStorageType=accounting_storage/none",
    "SelectType=select/cons_tres",
    "SelectTypeParameters=CR_CPU",
    "SchedulerType=sched/backfill",
    // As the defaults are, a task waits for 3 s before it starts.
    "SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1",
    "ReturnToService=2",
    // The machine's own processors do not matter: more tasks than these can run.
    "SlurmdParameters=config_overrides",
    "KillWait=1",
    `NodeName=${host} NodeAddr=127.0.0.1 CPUs=${cpus} RealMemory=2000 State=UNKNOWN`,
    "PartitionName=short Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
  ].join("\n")}\n`;
}
