/** What a guest does while it is captured. */
export interface Workload {
  readonly name: string;
  /** What it does, for `--help` and the catalogue. */
  readonly description: string;
  /** Rounds when none are given: about ten seconds in an emulated processor. */
  readonly rounds: number;
  /** A busybox shell script that runs before the capture begins: `$1` rounds, `$2` seed. */
  readonly prepare?: string;
  /** The workload itself, with the same arguments. */
  readonly script: string;
}

/** An awk program's beginning: a generator of whole numbers below n that depends on the seed only. */
const random = `function below(n) { state = (state * 69069 + 12345) % 4294967296; return int(state / 4294967296 * n) }`;

/** The workloads, by name. */
export const workloads: readonly Workload[] = [
  {
    name: "compile",
    description: "tcc compiles twelve C files a round, links them and runs the program; sync after each round",
    rounds: 6,
    script: `mkdir -p /var/work/obj
for round in $(seq "$1"); do
  for file in /src/unit*.c; do tcc -c -o "/var/work/obj/\${file##*/}.o" "$file" || exit 1; done
  tcc -o /var/work/obj/program /src/main.c /var/work/obj/unit*.o && /var/work/obj/program > /var/work/obj/result || exit 1
  sync
done`,
  },
  {
    name: "sqlite",
    description:
      "sqlite3 on a file: transactions of twenty inserts and five updates by key, fifty a round, each made durable",
    rounds: 4,
    prepare: `awk -v rounds="$1" -v state="$2" '${random}
BEGIN {
  print "pragma journal_mode=delete; create table account(id integer primary key, owner text, amount integer);"
  print "create index owners on account(owner);"
  for (t = 0; t < rounds * 50; t += 1) {
    print "begin;"
    for (i = 0; i < 20; i += 1) printf "insert into account values(%d, '"'"'owner %08d'"'"', %d);\\n", t * 20 + i, below(100000000), below(1000)
    for (i = 0; i < 5; i += 1) printf "update account set amount = amount + %d where id = %d;\\n", below(100), below(t * 20 + 20)
    print "commit;"
  }
  print "select count(*), sum(amount) from account where owner > '"'"'owner 5'"'"';"
}' > /run/work.sql`,
    script: `sqlite3 /var/work/accounts.db < /run/work.sql`,
  },
  {
    name: "fileserver",
    description:
      "files of 4 KiB to 1 MiB are created, read whole, appended to and deleted, thirty operations a round, as filebench's fileserver does",
    rounds: 20,
    prepare: `mkdir -p /var/work/files
awk -v rounds="$1" -v state="$2" '${random}
BEGIN {
  for (i = 0; i < rounds * 30; i += 1) {
    kind = below(10); size = 4
    for (n = below(9); n > 0; n -= 1) size *= 2
    if (kind < 3) printf "dd if=/srv/www/big of=/var/work/files/%d bs=4k count=%d skip=%d 2>/dev/null\\n", below(60), size / 4, below(2000)
    else if (kind < 7) printf "cat /srv/files/%d > /dev/null\\n", below(64)
    else if (kind < 9) printf "dd if=/srv/www/big bs=4k count=4 skip=%d 2>/dev/null >> /var/work/files/%d\\n", below(2000), below(60)
    else printf "rm -f /var/work/files/%d\\n", below(60)
    if (i % 30 == 29) print "sync"
  }
}' > /run/work.sh`,
    script: `sh /run/work.sh`,
  },
  {
    name: "webserver",
    description:
      "busybox httpd on the loopback interface serves pages to wget, forty requests a round, popular pages more often, and each is logged",
    rounds: 8,
    prepare: `httpd -p 127.0.0.1:80 -h /srv/www
awk -v rounds="$1" -v state="$2" '${random}
BEGIN {
  for (i = 0; i < rounds * 40; i += 1) {
    page = below(below(200) + 1)
    printf "wget -q -O /dev/null http://127.0.0.1/page%d.html && echo page%d >> /var/work/access.log\\n", page, page
    if (i % 40 == 39) print "sync"
  }
}' > /run/work.sh`,
    script: `sh /run/work.sh`,
  },
  {
    name: "mixed",
    description:
      "every file of the disk is read, a compressed copy of a large one and a list are written, everything is made durable; then two seconds of rest",
    rounds: 1,
    script: `for round in $(seq "$1"); do
  find /bin /usr /lib /srv /src /workloads -type f -exec cat {} + > /dev/null || exit 1
  gzip -1 -c /srv/www/big > "/var/work/big$round.gz"
  find / -xdev -type f > /var/work/list
  sync
  sleep 2
done`,
  },
  {
    name: "idle",
    description: "nothing but the guest's own kernel, two seconds a round",
    rounds: 5,
    script: `sleep $(($1 * 2))`,
  },
];

/** The name of a workload's preparation, which is run as a workload is. */
export const preparation = (name: string): string => `${name}-prepare`;
