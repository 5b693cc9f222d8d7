import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { conforms } from "../../formats/test/conformance.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { starpuBus } from "../hpc/starpu-bus.ts";
import { starpuModel } from "../hpc/starpu-model.ts";
import { counts, openRows } from "./open-rows.ts";
import { realSample } from "./real-sample.ts";
import { written } from "./written.ts";

const folder = temporaryFolder();

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
