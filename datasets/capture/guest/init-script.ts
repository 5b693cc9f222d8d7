/**
 * The guest's first process. The second serial port is its control line: a line is a command, answered by lines and,
 * where a line says so, by as many bytes. What a workload prints and how it ended goes to the console, the first port,
 * so that it never falls into the middle of an answer.
 *
 * The control line's shell starts a workload through a shell that ends at once, and so is no parent of it: a child's
 * end would interrupt its `read`, and busybox then loses what it has read of a line.
 *
 * A workload runs in a control group, which is frozen from the first line of a sample until it is fetched: what the guest says of its
 * memory and the dump that is taken meanwhile are of one moment.
 */
export const initScript = `#!/bin/busybox sh
busybox mount -t proc proc /proc
busybox mount -t sysfs sys /sys
busybox mount -t devtmpfs dev /dev
busybox mount -t tmpfs run /run
exec < /dev/null > /dev/ttyS0 2>&1
export PATH=/bin:/usr/bin:/usr/sbin:/sbin HOME=/run
for module in /modules/*.ko; do [ -e "$module" ] && insmod "$module"; done
ip link set lo up
mount -t cgroup2 none /sys/fs/cgroup
workload=/sys/fs/cgroup/workload
mkdir $workload
exec 3<> /dev/ttyS1
stty raw -echo < /dev/ttyS1
control() {
  send() { wc -c < "$1" >&3; cat "$1" >&3; }
  echo READY >&3
  while read -r verb name rounds seed <&3; do
    case $verb in
      run) ( ( echo 0 > $workload/cgroup.procs; sh "/workloads/$name" "$rounds" "$seed" < /dev/null 3>&-; echo "veelab: ended $?" ) & ) ;;
      sample)
        echo 1 > $workload/cgroup.freeze
        until grep -q "frozen 1" $workload/cgroup.events; do :; done
        cat /proc/meminfo > /run/meminfo; cat /proc/vmstat > /run/vmstat; cat /proc/kpageflags > /run/flags
        echo SAMPLED >&3 ;;
      fetch)
        echo 0 > $workload/cgroup.freeze
        gzip -1 -f /run/flags
        send /run/meminfo; send /run/vmstat; send /run/flags.gz ;;
      get) gzip -1 -c "$name" > /run/get.gz; send /run/get.gz ;;
      sync) sync; echo SYNCED >&3 ;;
    esac
  done
}
control &
while :; do wait; sleep 1000; done
`;
