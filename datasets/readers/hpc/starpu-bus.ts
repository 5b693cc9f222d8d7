import { TraceFormatError } from "../../errors.ts";
import type { TraceFormat } from "../../formats/format.ts";
import { readLines } from "../../formats/read-lines.ts";
import { busPartOf } from "./starpu-names.ts";

const hash = 35;

/** A table's nodes at most: StarPU is built with 32 or fewer as a rule. */
const mostNodes = 4096;

/** What a bandwidth is the time of. */
const bandwidthBytes = 1e6;

/**
 * The bus of a host as StarPU measures it (`~/.starpu/sampling/bus/host.bandwidth` and `host.latency`): a table of what moving data costs
 * from each memory node (row; 0 is the main memory, then the devices) to each other (column). The two have the same form: the file's name says which it is.
 *
 * A row is a pair of nodes: `task` is transfer, `device` `from-to`, and `meanSeconds` the time to move `sizeBytes`: of latencies (microseconds
 * in the file) 0 bytes, of bandwidths (bytes per microsecond, MB/s, in the file) 1,000,000, so that the time of any size is latency + size / 1e6 × the
 * other. Nodes that are not there (nan), and a node to itself, are no rows. `host.config` (numbers of devices) and `host.affinity` are no
 * traces. Described in https://files.inria.fr/starpu/doc/html/OfflinePerformanceTools.html
 */
export const starpuBus: TraceFormat = {
  name: "starpu-bus",
  title: "StarPU bus performance (bandwidth, latency)",
  kind: "tasks",
  detect: ({ lines: [first = ""] }) => /^# to 0\t+to 1\t/.test(first),
  read(source, options) {
    const part = busPartOf(source.file);
    if (part === undefined)
      throw new TraceFormatError(
        { file: source.file },
        "expected a name that ends with .bandwidth or .latency, as the content does not say which it is",
      );
    let from = 0;
    return readLines(source, options, {
      layout: {
        task: "words",
        device: "words",
        sizeBytes: "float64",
        meanSeconds: "float64",
        from: "uint32",
        to: "uint32",
      },
      mostRows: mostNodes,
      read(line, rows) {
        if (line.peek() === hash) {
          line.rest();
          return;
        }
        const { columns } = rows;
        let next = rows.count;
        let to = 0;
        line.spaces();
        while (!line.isAtEnd) {
          if (to === mostNodes) line.fail("node", `at most ${mostNodes} nodes`);
          const at = line.at;
          line.word(part);
          const word = line.slice(at, line.at);
          const value = Number(word);
          const isMissing = word === "nan" || word === "-nan";
          if (!isMissing && !(value >= 0 && Number.isFinite(value)))
            line.failAt(at, part, "a number of at least 0, or nan");
          if (!isMissing && from !== to) {
            if (part === "bandwidth" && value === 0) line.failAt(at, part, "a bandwidth above 0");
            columns.task.setText(next, "transfer");
            columns.device.setText(next, `${from}-${to}`);
            columns.sizeBytes[next] = part === "bandwidth" ? bandwidthBytes : 0;
            columns.meanSeconds[next] = part === "bandwidth" ? bandwidthBytes / (value * 1e6) : value / 1e6;
            columns.from[next] = from;
            columns.to[next] = to;
            next += 1;
          }
          to += 1;
          line.spaces();
        }
        line.end(part);
        rows.count = next;
        from += 1;
      },
    });
  },
};
