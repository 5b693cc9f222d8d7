import type { ColumnType } from "../column-type.ts";

/** What is known of a published table before it is read: everything that a CSV file cannot say. */
export interface PublishedTable {
  readonly csv: string;
  readonly title: string;
  readonly description: string;
  readonly sources: readonly { readonly title: string; readonly path?: string }[];
  /** Column, type, unit, description. */
  readonly fields: readonly (readonly [name: string, type: ColumnType, unit: string, description: string])[];
  /** Text columns such as ">150000" or "75..140" that get numeric companions `<name>_min` and `<name>_max`. */
  readonly bounds?: readonly string[];
}

const selectivePaging = {
  title:
    "X. Wang, J. Zang, Z. Wang, Y. Luo, X. Li: Selective hardware/software memory virtualization. VEE 2011, pp. 217-226",
  path: "https://doi.org/10.1145/1952682.1952710",
};

const paper = (title: string, doi: string) => ({ title, path: `https://doi.org/${doi}` });

const timing = (column: string, mode: string, table: string) =>
  [
    [`${column}_s`, "float64", "s", `Run time, ${mode} (Table ${table})`],
    [`${column}_ci`, "float64", "s", `Half-width of the confidence interval of ${column}_s`],
  ] as const;

const share = (column: string, what: string) => [column, "float64", "%", `Run time, ${what}; HAP is 100`] as const;

const atInterval = (seconds: number) =>
  [
    [`sp_time_pct_${seconds}s`, "float64", "%", `Share of time in SP mode, sampling interval ${seconds} s`],
    [`switches_${seconds}s`, "int32", "1", `Number of mode switches, sampling interval ${seconds} s`],
  ] as const;

/** The published tables, one for each CSV file of `datasets/published`. */
export const publishedTables: readonly PublishedTable[] = [
  {
    csv: "headline-claims",
    title: "Headline claims of the ten contributions to VEE 2011",
    description:
      "One row for each published claim of the ten papers. `source_mark` says where it is published: [abstract], [paper] (full text), [found: X] (another public source, named). Empty value: no number is published.",
    sources: [
      paper("Hybrid binary rewriting for memory access instrumentation (Roy, Hand, Harris)", "10.1145/1952682.1952711"),
      paper("Workload-aware live storage migration for clouds (Zheng, Ng, Sripanidkulchai)", "10.1145/1952682.1952700"),
      paper("Virtual WiFi (Xia, Kumar, Yang, Gopalakrishnan, Liu, Schoenberg, Guo)", "10.1145/1952682.1952706"),
      selectivePaging,
      paper("Performance profiling of virtual machines (Du, Sehrawat, Zwaenepoel)", "10.1145/1952682.1952686"),
      paper("SymCall: symbiotic virtualization through VMM-to-guest upcalls (Lange, Dinda)", "10.1145/1952682.1952707"),
      paper("Virtualization in the age of heterogeneous machines (Bacon)", "10.1145/1952682.1952684"),
      paper(
        "Minimal-overhead virtualization of a large scale supercomputer (Lange, Pedretti, Dinda, Bridges, Bae, Soltero, Merritt)",
        "10.1145/1952682.1952705",
      ),
      paper("Fast and space-efficient virtual machine checkpointing (Park, Egger, Lee)", "10.1145/1952682.1952694"),
      paper("Patch auditing in Infrastructure as a Service clouds (Litty, Lie)", "10.1145/1952682.1952702"),
    ],
    fields: [
      ["slug", "utf8", "", "The paper, by the name of its folder in the library"],
      ["claim", "utf8", "", "The claim in our words; `related:` is of another publication, which source_mark names"],
      ["value", "utf8", "the unit column's", "The number as published, or a range a..b"],
      ["unit", "utf8", "", "Unit of value"],
      ["direction", "utf8", "", "How value is meant: equal, at most, range, lower..."],
      ["source_mark", "utf8", "", "Where the claim is published"],
      [
        "comparable",
        "utf8",
        "",
        "yes: a simulator computes the same quantity; qualitative: only direction or order; no: neither",
      ],
    ],
    bounds: ["value"],
  },
  {
    csv: "selective-paging-table-1",
    title: "Selective paging, Table 1: typical samples of SPEC INT 2006, 32-bit",
    description:
      "Thirteen samples and which paging mode wins, as printed; the paper does not name their benchmarks. Text such as >150000 or 0|sometimes 100 (two values in one cell) is kept.",
    sources: [selectivePaging],
    fields: [
      ["row", "int32", "1", "Row of the printed table"],
      ["pf_per_1k_inst_x1e7", "utf8", "1e-7 per 1000 instructions", "Guest page faults"],
      ["tlb_misses_per_1k_inst", "utf8", "per 1000 instructions", "TLB misses"],
      ["pf_to_tlb_ratio_x1e7", "utf8", "1e-7", "Page faults per TLB miss"],
      ["winner", "utf8", "", "The faster mode: HAP, SP or Draw"],
    ],
    bounds: ["pf_per_1k_inst_x1e7", "tlb_misses_per_1k_inst", "pf_to_tlb_ratio_x1e7"],
  },
  {
    csv: "selective-paging-table-2",
    title: "Selective paging, Table 2: thresholds of the switching policy",
    description: "As printed: 5000e-7 is 5000 times 1e-7.",
    sources: [selectivePaging],
    fields: [
      ["threshold", "utf8", "", "Which counter the thresholds apply to"],
      ["upper", "float64", "the unit column's", "Upper threshold"],
      ["lower", "float64", "the unit column's", "Lower threshold"],
      ["unit", "utf8", "", "Unit of upper and lower"],
    ],
  },
  {
    csv: "selective-paging-table-3",
    title: "Selective paging, Table 3: totals of mcf and gcc in both modes",
    description: "SPEC CPU2006, 32-bit guest.",
    sources: [selectivePaging],
    fields: [
      ["benchmark", "utf8", "", "SPEC CPU2006 benchmark"],
      ["mode", "utf8", "", "HAP or SP"],
      ["tlb_misses", "float64", "1", "TLB misses of the whole run"],
      ["page_faults", "float64", "1", "Guest page faults of the whole run"],
      ["time_s", "float64", "s", "Run time"],
    ],
  },
  {
    csv: "selective-paging-tables-4-5",
    title: "Selective paging, Tables 4 and 5: the overhead of switching",
    description:
      "All 29 benchmarks of SPEC CPU2006, 32-bit; each second a round trip HAP-SP-HAP (HSH, Table 4) or SP-HAP-SP (SHS, Table 5). Means of the best 6 of 7 runs. The 364 switches of soplex are as printed.",
    sources: [selectivePaging],
    fields: [
      ["benchmark", "utf8", "", "SPEC CPU2006 benchmark"],
      ...timing("T4_HAP", "HAP only", "4"),
      ...timing("T4_HSH", "HAP with a round trip to SP each second", "4"),
      ["T4_switches", "int32", "1", "Round trips of the HSH run"],
      ["T4_ovhd_pct", "float64", "%", "Overhead of HSH over HAP"],
      ...timing("T5_SP", "SP only", "5"),
      ...timing("T5_SHS", "SP with a round trip to HAP each second", "5"),
      ["T5_switches", "int32", "1", "Round trips of the SHS run"],
      ["T5_ovhd_pct", "float64", "%", "Overhead of SHS over SP"],
    ],
  },
  {
    csv: "selective-paging-figures",
    title: "Selective paging, Figures 7, 9, 12, 13 and 14: run times normalised to HAP",
    description: "Read off the printed bars, about 0.4 points either way. DSP_or_DSP5s is DSP at a 5 s interval.",
    sources: [selectivePaging],
    fields: [
      ["figure", "utf8", "", "Figure number, suite and word size: 7_int32"],
      ["benchmark", "utf8", "", "SPEC CPU2006 benchmark, or total"],
      share("HAP", "hardware-assisted paging only"),
      share("SP", "shadow paging only"),
      share("DSP_or_DSP5s", "dynamic switching, interval 5 s"),
      share("DSP2s", "dynamic switching, interval 2 s"),
      share("DSP10s", "dynamic switching, interval 10 s"),
      ["unit", "utf8", "", "Unit of the bars"],
    ],
  },
  {
    csv: "selective-paging-time-and-switches",
    title: "Selective paging, Figures 8, 10 and 11: time in SP mode and number of switches",
    description:
      "Under dynamic switching at sampling intervals of 2, 5 and 10 s; SPEC CPU2006, 32-bit; read off the figures.",
    sources: [selectivePaging],
    fields: [
      ["benchmark", "utf8", "", "SPEC CPU2006 benchmark"],
      ...atInterval(2),
      ...atInterval(5),
      ...atInterval(10),
    ],
  },
  {
    csv: "wifi-bianchi-ns3",
    title: "Saturation throughput of 802.11 by Bianchi's model, as ns-3 expects it",
    description:
      "The reference values against which ns-3 validates its DCF: packets of 1500 bytes, EIFS and DIFS variants.",
    sources: [
      { title: "ns-3, example wifi-bianchi", path: "https://www.nsnam.org/" },
      {
        title:
          "G. Bianchi: Performance analysis of the IEEE 802.11 distributed coordination function. IEEE JSAC 18(3), 2000",
        path: "https://doi.org/10.1109/49.840210",
      },
    ],
    fields: [
      ["standard", "utf8", "", "ofdm (802.11a) or 11b"],
      ["rate_mbps", "float64", "Mbps", "PHY data rate"],
      ["stations", "int32", "1", "Saturated stations"],
      ["eifs_mbps", "float64", "Mbps", "Throughput when stations defer for EIFS after a collision"],
      ["difs_mbps", "float64", "Mbps", "Throughput when they defer for DIFS"],
    ],
  },
  {
    csv: "wifi-ns3",
    title: "Saturation throughput of 802.11 cells in ns-3",
    description:
      "Own runs of ns-3 3.37 (datasets/build/ns3-cells.ts): saturated stations send packets of 1500 bytes to a sink, all at one place, until they arrive; NIST's error model, no RTS; 802.11g with short slots.",
    sources: [{ title: "veelab, run with ns-3 3.37 of Debian 12 (libns3-dev 3.37-2)", path: "https://www.nsnam.org/" }],
    fields: [
      ["standard", "utf8", "", "11a, 11b, 11g, 11n or 11ax"],
      ["rate_mbps", "float64", "Mbps", "PHY data rate"],
      ["width_mhz", "int32", "MHz", "Width of the channel (11n and 11ax)"],
      ["guard_ns", "int32", "ns", "Guard interval (11n and 11ax)"],
      ["streams", "int32", "1", "Spatial streams"],
      ["aggregate", "int32", "1", "Frames of an A-MPDU at most"],
      ["stations", "int32", "1", "Saturated stations"],
      ["seconds", "float64", "s", "Simulated time that was counted"],
      ["delivered", "int32", "1", "Packets that the sink got"],
      ["sent", "int32", "1", "Frames of data on the air"],
      ["captured", "int32", "1", "Packets that the sink got in spite of a frame at the same time"],
      ["listened", "int32", "1", "Stations that did not send, summed over collisions"],
      ["errors", "int32", "1", "Reports of an error of reception at stations, after which they wait for EIFS"],
      ["throughput_mbps", "float64", "Mbps", "Delivered packets' bits over the time"],
    ],
  },
  {
    csv: "bsp-noise",
    title: "Overhead of periodic noise in a bulk-synchronous program, closed form",
    description:
      "Own calculation, not published by a paper: overhead = d (floor(k) + 1 - (1 - frac(k))^N) / g with k = g/T for granularity g, noise period T, duration d and N nodes of independent phase. Rounded; recompute for more digits.",
    sources: [{ title: "veelab, own calculation" }],
    fields: [
      ["granularity_ms", "float64", "ms", "Computation between two barriers"],
      ["noise_hz", "float64", "Hz", "Frequency of the noise"],
      ["noise_duration_us", "float64", "us", "Duration of one noise event"],
      ["net_noise_pct", "float64", "%", "Share of time that the noise takes on one node"],
      ["nodes", "int32", "1", "Number of nodes"],
      ["overhead_pct", "float64", "%", "Added run time"],
    ],
  },
];
