import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { TraceFormat } from "../../formats/format.ts";
import { conforms } from "../../formats/test/conformance.ts";
import { open, stream } from "../../open.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { dumpi } from "../hpc/dumpi.ts";
import { goal } from "../hpc/goal.ts";
import { noise } from "../hpc/noise.ts";
import { simgrid } from "../hpc/simgrid.ts";
import { starpuBus } from "../hpc/starpu-bus.ts";
import { starpuModel } from "../hpc/starpu-model.ts";
import { openRows, rowsOf } from "./open-rows.ts";
import { realSample } from "./real-sample.ts";

const folder = temporaryFolder();

const counts = (rows: readonly Record<string, unknown>[], field: string): Record<string, number> => {
  const found: Record<string, number> = {};
  for (const row of rows) found[row[field] as string] = (found[row[field] as string] ?? 0) + 1;
  return found;
};

/** What is written of a file that was read. */
async function written(format: TraceFormat, path: string): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const part of format.write!(stream(path))) parts.push(part);
  return Buffer.concat(parts).toString();
}

const relative = "# noise of one core\n1000\t250\n2000000\t99999\n10000000000\t7\n";
const absolute = "1700000000123456789\t250\n1700000001123456790\t99999\n";

conforms(noise, {
  "since the measurement began": { content: relative, rows: 3 },
  "absolute times": { content: absolute, rows: 2 },
  "with points": { content: "1000.000000\t250.0\n", rows: 1, lossless: false },
});

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

const table = "# hash\t\tsize\t\tflops\t\tmean (us)\tdev (us)\tsum\t\tsum2\t\tn\n";
const regression = `# sumlnx	sumlnx2		sumlny		sumlnxlny	alpha		beta		n	minx		maxx
0.000000e+00   	0.000000e+00   	0.000000e+00   	0.000000e+00   	nan            	nan            	0	0              	0              
# a		b		c
nan            	nan            	nan            
# not multiple-regression-base
0
`;
const device = (type: number, id: number): string => `####################
# DEV_0
# device type (CPU - 0, CUDA - 1, FPGA - 4)
${type}
####################
# DEV_0
# device id 
${id}
####################
# DEV_0
# number of cores 
1
`;
const model = `##################
# Performance Model Version
45

####################
# COMBs
# number of combinations
2
####################
# COMB_0
# number of types devices
1
${device(0, 0)}##########
# number of implementations
2
#####
# Model for cpu0_impl0 (Comb0)
# number of entries
2
${regression}${table}d46431bb	1228800        	6.553600e+07   	3.262643e+03   	7.810468e+01   	1.532463e+07   	5.002746e+10   	4697
6e96d715	12288          	nan            	3.262643e+00   	nan            	1.532463e+04   	5.002746e+06   	4697

#####
# Model for cpu0_impl1 (Comb0)
# number of entries
0
${regression}${table}
####################
# COMB_1
# number of types devices
2
${device(1, 2)}${device(4, 0)}##########
# number of implementations
1
#####
# Model for cuda2 (Comb1)
# number of entries
1
${regression}${table}d46431bb	1228800        	6.553600e+07   	2.011248e+02   	1.498037e+01   	1.633334e+06   	3.303264e+08   	8121

`;

// As StarPU writes a codelet whose costs are fitted: a power law of the size with an offset, and a product of parameters without a table.
const fitted = `##################
# Performance Model Version
45

####################
# COMBs
# number of combinations
1
####################
# COMB_0
# number of types devices
1
${device(0, 0)}##########
# number of implementations
2
#####
# Model for cpu0_impl0 (Comb0)
# number of entries
1
# sumlnx	sumlnx2		sumlny		sumlnxlny	alpha		beta		n	minx		maxx
1.220000e+02   	1.500000e+03   	6.500000e+01   	8.000000e+02   	2.500000e-04   	1.500000e+00   	10	1024           	1048576        
# a		b		c
1.000000e-03   	1.250000e+00   	5.000000e+00   
# not multiple-regression-base
0
${table}d46431bb	1048576        	0.000000e+00   	2.684355e+05   	1.000000e+00   	2.684355e+06   	7.205762e+11   	10

#####
# Model for cpu0_impl1 (Comb0)
# number of entries
0
# sumlnx	sumlnx2		sumlny		sumlnxlny	alpha		beta		n	minx		maxx
0.000000e+00   	0.000000e+00   	0.000000e+00   	0.000000e+00   	nan            	nan            	0	0              	0              
# a		b		c
nan            	nan            	nan            
# n	intercept	M		M^2*N		
3	1.525000e+01   	-2.000000e-03  	4.000000e-09   

`;

const codelet = { file: "chol_model_gemm.mirage", skips: false };
conforms(starpuModel, {
  "a codelet": { ...codelet, content: model, rows: 4 },
  "a codelet with regressions": { ...codelet, content: fitted, rows: 2 },
  "without operations": {
    ...codelet,
    content: fitted.replace("0.000000e+00   \t2.684355e+05", "2.684355e+05"),
    rows: 2,
    lossless: false,
  },
});

const bus = (values: string): string => `# to 0\t\tto 1\t\tto 2\t\t\n${values}`;
conforms(starpuBus, {
  bandwidth: {
    content: bus("0.000000\t6030.996807\tnan\n6517.591026\t0.000000\tnan\nnan\tnan\tnan\n"),
    rows: 2,
    file: "mirage.bandwidth",
  },
  latency: {
    content: bus("0.000000\t9.836008\tnan\n10.565859\t0.000000\tnan\nnan\tnan\tnan\n"),
    rows: 2,
    file: "mirage.latency",
  },
});

describe("noise logs", () => {
  it("have these times", async () => {
    const [first] = await openRows(folder.write("noise.txt", relative));
    expect(first).toEqual({ startNs: 1000, durationNs: 250 });
    const table = await open(folder.write("absolute.txt", absolute));
    expect(rowsOf(table)[1]).toEqual({ startNs: 1_000_000_001, durationNs: 99_999 });
    expect(table.schema.metadata.get("veelab.origin")).toBe("1700000000123456789");
  });
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

describe("StarPU's models", () => {
  it("have these costs", async () => {
    const rows = await openRows(folder.write("chol_model_gemm.mirage", model));
    expect(rows[0]).toEqual({
      task: "chol_model_gemm",
      device: "cpu0",
      sizeBytes: 1_228_800,
      meanSeconds: 0.003262643,
      deviationSeconds: 78.10468 / 1e6,
      flops: 65_536_000,
      samples: 4697,
      sumSeconds: 15.32463,
      sumSquaresSeconds2: 0.05002746,
      footprint: 0xd46431bb,
      implementation: 0,
      cores: 1,
      alphaSeconds: null,
      beta: null,
      aSeconds: null,
      b: null,
      cSeconds: null,
      coefficients: null,
      preamble: model.slice(0, model.indexOf("d46431bb")),
    });
    expect(rows[1]).toMatchObject({ flops: null, deviationSeconds: null, preamble: null });
    expect(rows[2]).toMatchObject({
      device: "cpu0",
      implementation: 1,
      sizeBytes: null,
      meanSeconds: null,
      samples: null,
    });
    expect(rows[3]).toMatchObject({ device: "cuda2+fpga0", cores: 2, flops: 65_536_000, samples: 8121 });
  });

  it("have these regressions", async () => {
    const rows = await openRows(folder.write("fitted.host", fitted));
    expect(rows[0]).toMatchObject({
      alphaSeconds: 2.5e-10,
      beta: 1.5,
      aSeconds: 1e-9,
      b: 1.25,
      cSeconds: 5e-6,
      coefficients: null,
    });
    // The linear regression goes through the only point: 2.5e-4 µs × (2^20)^1.5.
    const { sizeBytes, meanSeconds, alphaSeconds, beta } = rows[0] as Record<string, number>;
    expect(alphaSeconds! * sizeBytes! ** beta!).toBeCloseTo(meanSeconds!, 6);
    expect(rows[1]).toMatchObject({
      meanSeconds: null,
      alphaSeconds: null,
      cSeconds: null,
      coefficients: "1.525000e+01 -2.000000e-03 4.000000e-09",
    });
    expect(rows[1]!["preamble"]).toContain("# n\tintercept\tM\t\tM^2*N\t\t\n3\t1.525000e+01");
    await expect(openRows(folder.write("few.host", fitted.replace("3\t1.525", "4\t1.525")))).rejects.toThrow(
      'few.host, line 50, field "multiple regression": expected a number, and so many coefficients, got "4',
    );
  });

  it("of a bus have these costs", async () => {
    const rate = await openRows(folder.write("host.bandwidth", bus("0.000000\t5000.0\n2500.0\t0.000000\n")));
    expect(rate).toEqual([
      { task: "transfer", device: "0-1", sizeBytes: 1e6, meanSeconds: 0.0002, from: 0, to: 1 },
      { task: "transfer", device: "1-0", sizeBytes: 1e6, meanSeconds: 0.0004, from: 1, to: 0 },
    ]);
    const delay = await openRows(folder.write("host.latency", bus("0.000000\t9.5\n10.5\t0.000000\n")));
    expect(delay[1]).toMatchObject({ sizeBytes: 0, meanSeconds: 0.0000105 });
    await expect(openRows(folder.write("host.txt", bus("0.0\t9.5\n10.5\t0.0\n")))).rejects.toThrow(
      "host.txt: expected a name that ends with .bandwidth or .latency",
    );
  });

  it("of a real host are all read", async ({ skip }) => {
    const names = ["gemm", "potrf", "syrk", "trsm"].map((name) => realSample(`starpu/chol_model_${name}.mirage`));
    const [scal, bandwidth, latency] = ["scal.mirage", "mirage.bandwidth", "mirage.latency"].map((name) =>
      realSample(`starpu/${name}`),
    );
    if (scal === undefined || bandwidth === undefined || latency === undefined) return skip("no samples");
    for (const name of names) {
      const rows = await openRows(name!);
      expect(counts(rows, "device")).toEqual({ cpu0: 4, cuda0: 4, cuda1: 4, cuda2: 4 });
    }
    expect(await openRows(scal)).toHaveLength(1);
    // The others were edited by hand: not all of their numbers are padded.
    expect(await written(starpuModel, scal)).toBe(readFileSync(scal, "latin1"));
    const unpadded = (text: string) => text.replace(/ +(?=\t)/g, "").replaceAll("e+6", "e+06");
    for (const name of names)
      expect(unpadded(await written(starpuModel, name!))).toBe(unpadded(readFileSync(name!, "latin1")));
    expect(await openRows(bandwidth)).toHaveLength(42);
    expect(await openRows(latency)).toHaveLength(42);
  });
});
