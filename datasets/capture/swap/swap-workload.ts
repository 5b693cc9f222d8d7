/** A run of the sweeper in the guest. */
export interface SwapRun {
  readonly pattern: "sweep" | "random";
  readonly kind: "read" | "write";
}

/** What is captured, in order. */
export const swapRuns: readonly SwapRun[] = [
  { pattern: "sweep", kind: "read" },
  { pattern: "sweep", kind: "write" },
  { pattern: "random", kind: "read" },
  { pattern: "random", kind: "write" },
];

/** The name of a run's workload, and of the file that it writes. */
export const runName = ({ pattern, kind }: SwapRun): string => `${pattern}-${kind}`;

/** The name of the file with what Linux had swapped when the run began, and when it had ended. */
export const swappedName = (run: SwapRun): string => `${runName(run)}.swapped`;

/**
 * Runs the sweeper on `$1` rounds with seed `$2` in a control group that has so many frames, with a fresh swap device and without
 * reading ahead. What Linux has swapped before and after that, pswpin and pswpout, is in another file.
 */
export const swapWorkload = (run: SwapRun, pages: number, frames: number): string =>
  `group=/sys/fs/cgroup/small
if [ ! -d $group ]; then
  echo +memory > /sys/fs/cgroup/cgroup.subtree_control || exit 1
  mkdir $group || exit 2
  echo 0 > /proc/sys/vm/page-cluster
fi
swapped() { awk '/^pswp(in|out) /{ print $2 }' /proc/vmstat >> /run/${swappedName(run)}; }
swapped
echo $((${frames} * 4096)) > $group/memory.max || exit 3
mkswap /dev/nvme0n1 > /dev/null || exit 4
swapon /dev/nvme0n1 || exit 5
sh -c 'echo $$ > /sys/fs/cgroup/small/cgroup.procs && exec sweeper ${run.pattern} ${run.kind} ${pages} '"$1 $2" > /run/${runName(run)} || exit 6
swapoff /dev/nvme0n1 || exit 7
swapped
`;
