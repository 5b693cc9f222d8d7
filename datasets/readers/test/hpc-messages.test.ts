import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { conforms } from "../../formats/test/conformance.ts";
import { open } from "../../open.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { dumpi } from "../hpc/dumpi.ts";
import { goal } from "../hpc/goal.ts";
import { simgrid } from "../hpc/simgrid.ts";
import { counts, openRows, rowsOf } from "./open-rows.ts";
import { realSample } from "./real-sample.ts";
import { written } from "./written.ts";

const folder = temporaryFolder();

const calls = `0 init
0 compute 127161.5
0 send 1 42 1024 2
0 recv 1 42 1024
0 isend 3 800
0 allreduce 32 12513009 1
0 gather 795 796 0
0 alltoallv 100 1 2 3  400 5 6 7 
0 bcast 1 5
0 barrier
0 finalize
`;

conforms(simgrid, { "each kind of action": { content: calls, rows: 11 } });

const goalText = `num_ranks 4

rank 0 {
l1: send 8b to 1 tag 7 cpu 0 nic 1
l2: calc 100
l2 requires l1
}

rank 1 {
}

rank 2 {
l1: recv 8b from -1 tag -1
l3: calc 5 cpu 2
l3 irequires l1
}

rank 3 {
}
`;

conforms(goal, {
  "a schedule": { content: goalText, rows: 6 },
  "free spaces and comments": {
    content:
      "/* of\n two lines */\n num_ranks  1\n// one rank\nrank 0 {\n  a1 : send 10 b to 0\n\tcalc  5\n a1  requires  a1\n }\n",
    rows: 3,
    lossless: false,
  },
});

const dumpiText = `version=1.0.0
starttime=Thu Feb  3 16:05:56 2011
hostname=laboratory
MPI_Init entering at walltime 1296777956.737669000, cputime 0.007712000 seconds in thread 0.
int argc=1
string argv[1]=["./mpi"]
MPI_Init returning at walltime 1296777956.737670000, cputime 0.007716000 seconds in thread 0.
MPI_Comm_rank entering at walltime 1296777956.737694000, cputime 0.007739000 seconds in thread 0.
MPI_Comm comm=2 (MPI_COMM_WORLD)
int rank=3
MPI_Comm_rank returning at walltime 1296777956.737698000, cputime 0.007743000 seconds in thread 0.
MPI_Isend entering at walltime 1296777956.739674000, cputime 0.008347000 seconds in thread 1.
int count=17
MPI_Datatype datatype=9 (MPI_INT)
int dest=1
int tag=1337
MPI_Comm comm=5
MPI_Request request=[2]
MPI_Isend returning at walltime 1296777957.739689000, cputime 0.008362000 seconds in thread 1.
MPI_Finalize entering at walltime 1296777957.739939000, cputime 0.008469000 seconds in thread 0.
MPI_Finalize returning at walltime 1296777957.740315000, cputime 0.008685000 seconds in thread 0.
`;

const footer = `Total keyvals: 0
MPI_Send called 0 times and ignored 0 times
Performance counters: 0
Datatype 9 (MPI_INT) has size 4
`;

conforms(dumpi, {
  "a rank's calls": { content: dumpiText, rows: 4 },
  "with what follows them": { content: dumpiText + footer, rows: 4, lossless: false },
});

describe("SimGrid's traces", () => {
  it("have these arguments", async () => {
    const rows = await openRows(folder.write("ti.txt", calls));
    expect(rows[1]).toMatchObject({ rank: 0, call: "compute", flops: 127_161.5, arguments: "127161.5", count: null });
    expect(rows[2]).toMatchObject({ call: "send", peer: 1, tag: 42, count: 1024, datatype: 2 });
    expect(rows[3]).toMatchObject({ call: "recv", peer: 1, tag: 42, count: 1024, datatype: null });
    expect(rows[4]).toMatchObject({ call: "isend", peer: 3, tag: null, count: 800 });
    expect(rows[5]).toMatchObject({ call: "allreduce", count: 32, flops: 12_513_009, datatype: 1 });
    expect(rows[6]).toMatchObject({ call: "gather", count: 795, receiveCount: 796, root: 0 });
    expect(rows[7]).toMatchObject({ call: "alltoallv", arguments: "100 1 2 3  400 5 6 7 ", count: null });
    expect(rows[9]).toMatchObject({ call: "barrier", arguments: null });
  });

  it("of 32 real ranks are read and written byte for byte", async ({ skip }) => {
    const all: Record<string, unknown>[] = [];
    for (let rank = 0; rank < 32; rank += 1) {
      const path = realSample(`simgrid-ti/ti_trace${rank}.txt`);
      if (path === undefined) return skip("no samples");
      const rows = await openRows(path);
      expect(new Set(rows.map((row) => row["rank"]))).toEqual(new Set([rank]));
      const text = readFileSync(path, "latin1");
      expect(await written(simgrid, path)).toBe(text.endsWith("\n") ? text : `${text}\n`);
      all.push(...rows);
    }
    expect(counts(all, "call")).toEqual({
      init: 32,
      compute: 1440,
      comm_size: 480,
      bcast: 288,
      barrier: 512,
      gather: 32,
      alltoall: 160,
      allreduce: 192,
      alltoallv: 64,
      finalize: 32,
    });
  });
});

describe("GOAL schedules", () => {
  it("have these operations", async () => {
    const table = await open(folder.write("schedule.goal", goalText));
    expect(table.schema.metadata.get("veelab.ranks")).toBe("4");
    const rows = rowsOf(table);
    expect(rows[0]).toEqual({
      rank: 0,
      call: "send",
      label: "l1",
      requires: null,
      sizeBytes: 8,
      peer: 1,
      tag: 7,
      calculation: null,
      cpu: 0,
      nic: 1,
    });
    expect(rows[2]).toMatchObject({ call: "requires", label: "l2", requires: "l1", sizeBytes: null });
    expect(rows[3]).toMatchObject({ rank: 2, call: "recv", peer: -1, tag: -1 });
    expect(rows[4]).toMatchObject({ call: "calc", calculation: 5, cpu: 2 });
  });

  it("that are cut say so", async () => {
    await expect(openRows(folder.write("cut.goal", goalText.slice(0, goalText.indexOf("}"))))).rejects.toThrow(
      'cut.goal, line 7, field "rank": expected the closing brace of rank 0',
    );
  });

  it("of a real binary tree are read and written byte for byte", async ({ skip }) => {
    const path = realSample("binary_tree_32.goal");
    if (path === undefined) return skip("no samples");
    const rows = await openRows(path);
    expect(counts(rows, "call")).toEqual({ send: 31, recv: 31, requires: 26 });
    expect((await written(goal, path)).trimEnd()).toBe(readFileSync(path, "latin1").trimEnd());
  });
});

describe("DUMPI's calls", () => {
  it("have these values", async () => {
    const rows = await openRows(folder.write("dumpi.txt", dumpiText));
    expect(rows[2]).toEqual({
      rank: 3,
      call: "MPI_Isend",
      timeNs: 2_005_000,
      durationNs: 1_000_015_000,
      cpuNs: 8_347_000,
      cpuDurationNs: 15_000,
      thread: 1,
      peer: 1,
      tag: 1337,
      count: 17,
      datatype: "MPI_INT",
      communicator: "5",
      root: null,
      arguments:
        "int count=17\nMPI_Datatype datatype=9 (MPI_INT)\nint dest=1\nint tag=1337\nMPI_Comm comm=5\nMPI_Request request=[2]",
    });
    expect(rows[0]).toMatchObject({ rank: 3, call: "MPI_Init", timeNs: 0, durationNs: 1000 });
  });

  it("of a real run are all read", async ({ skip }) => {
    const path = realSample("dumpi-rank0.txt");
    if (path === undefined) return skip("no samples");
    const rows = await openRows(path);
    expect(rows).toHaveLength(9);
    expect(new Set(rows.map((row) => row["rank"]))).toEqual(new Set([0]));
    expect(await written(dumpi, path)).toBe(readFileSync(path, "latin1").split("Total keyvals")[0]);
  });
});
