import { describe, expect, it } from "vitest";
import { exits2011 } from "../../hardware/index.ts";
import {
  allreduce,
  allreduceNs,
  allreduces,
  barrier,
  broadcast,
  bulk,
  bulkNoiseOverhead,
  catamount,
  cnl,
  computation,
  cth,
  emulated,
  hpccg,
  lightweightToday,
  nativeGuest,
  nativeNode,
  overhead,
  overlay,
  palacios2009,
  passthrough,
  pagingShares,
  pingPong,
  pingPongNs,
  type Program,
  publishedBounds,
  randomAccess,
  reduce,
  type Round,
  sage,
  seaStar,
  slingshot,
  virtualGuest,
} from "../index.ts";

const timeNs = (program: Program, node = nativeNode): number => bulk(program, { network: seaStar, node }).row.timeNs;
const once = (nodes: number, steps: Program["steps"]): Program => ({ label: "", nodes, iterations: 1, steps });

describe("collectives without noise", () => {
  it("take log2 P rounds of L + 2o, to the nanosecond, and an exit a message adds log2 P of it", () => {
    const exits = { ...nativeNode, receiveNs: 1818 };
    for (let power = 0; power <= 13; power++) {
      const nodes = 2 ** power;
      for (const rounds of [allreduce(nodes, 1), barrier(nodes), broadcast(nodes, 1, 0)]) {
        const program = once(nodes, rounds);
        expect(timeNs(program)).toBe(power * 6000);
        expect(timeNs(program)).toBe(allreduceNs(nodes, seaStar));
        expect(timeNs(program, exits) - timeNs(program)).toBe(power * 1818);
      }
    }
    for (const nodes of [3, 5, 6, 7, 100, 1000, 10_000]) {
      const rounds = Math.ceil(Math.log2(nodes));
      expect(timeNs(once(nodes, barrier(nodes)))).toBe(rounds * 6000);
      // A tree's last round may belong to the root alone, which sends sooner.
      expect(timeNs(once(nodes, broadcast(nodes, 1, nodes - 1)))).toBeLessThanOrEqual(rounds * 6000);
      const time = timeNs(once(nodes, allreduce(nodes, 1)));
      expect(time).toBeLessThanOrEqual(allreduceNs(nodes, seaStar));
      expect(time).toBeGreaterThanOrEqual(Math.floor(Math.log2(nodes)) * 6000);
    }
  });

  it("bring each number where it belongs: an allreduce's and a reduction's once, a broadcast's and a barrier's", () => {
    // How often each node has each node's number; a round's messages carry what the sender had before it.
    const spread = (nodes: number, rounds: readonly Round[]): number[][] => {
      let held = Array.from({ length: nodes }, (_, node) => Array.from({ length: nodes }, (__, of) => +(of === node)));
      for (const { sends, to } of rounds) {
        const after = held.map((counts) => counts.slice());
        for (let node = 0; node < nodes; node++)
          for (const peer of to.subarray(sends[node], sends[node + 1]))
            for (let of = 0; of < nodes; of++) after[peer]![of]! += held[node]![of]!;
        held = after;
      }
      return held;
    };
    for (let nodes = 1; nodes <= 40; nodes++) {
      const once = Array<number>(nodes).fill(1);
      // Who is folded into a neighbour has its own number, and the result.
      const core = 2 ** Math.floor(Math.log2(nodes));
      const [folded, results] = [2 * (nodes - core), spread(nodes, allreduce(nodes, 8))];
      for (const [node, counts] of results.entries())
        expect(counts).toEqual(once.map((count, of) => count + +(node < folded && node % 2 === 0 && of === node)));
      for (const counts of spread(nodes, barrier(nodes))) expect(Math.min(...counts)).toBeGreaterThanOrEqual(1);
      for (const root of [0, Math.floor(nodes / 3), nodes - 1]) {
        expect(spread(nodes, reduce(nodes, 8, root))[root]).toEqual(once);
        expect(spread(nodes, broadcast(nodes, 8, root)).map((counts) => counts[root])).toEqual(once);
        expect(reduce(nodes, 8, root)).toHaveLength(Math.ceil(Math.log2(nodes)));
        // A tree: each node but its root once.
        for (const tree of [reduce(nodes, 8, root), broadcast(nodes, 8, root)])
          expect(tree.reduce((sum, { to }) => sum + to.length, 0)).toBe(nodes - 1);
      }
    }
  });
});

describe("PingPong", () => {
  it("is L + 2o + (s − 1)G; exits move the intercept and the half-bandwidth size by their time / G, not the slope", () => {
    const exitNs = 4000;
    const node = { ...nativeNode, receiveNs: exitNs };
    const half = (bytes: number, of = nativeNode): number => timeNs(pingPong(bytes, 8), of) / 16;
    for (const bytes of [1, 2, 1001, 65_536, 1_048_577]) {
      expect(half(bytes)).toBe(pingPongNs(bytes, seaStar));
      expect(half(bytes, node)).toBe(pingPongNs(bytes, seaStar, exitNs));
    }
    // s / t(s) = 1 / 2G where (s − 1)G + t0 = 2sG: s = t0/G − 1.
    const halfBandwidth = (of = nativeNode): number => half(1, of) / seaStar.byteGapNs - 1;
    for (const of of [nativeNode, node]) {
      const bytes = halfBandwidth(of);
      expect(bytes / half(bytes, of)).toBeCloseTo(1 / seaStar.byteGapNs / 2, 12);
    }
    expect(halfBandwidth(node) - halfBandwidth()).toBe(exitNs / seaStar.byteGapNs);
  });

  it("copies lie before the message leaves and after it has come: G + 2 copies a byte, also where G is no smaller", () => {
    const node = { ...nativeNode, sendNs: 300, receiveNs: 400, byteNs: 0.5 };
    for (const bytes of [1, 2, 1001, 1_048_577])
      expect(timeNs(pingPong(bytes, 8), node) / 16).toBe(pingPongNs(bytes, seaStar, 700, 0.5));
    // 1 MB more is 0.5 ms of wire and 2 · 0.5 ms of copies.
    expect(pingPongNs(1_000_001, seaStar, 0, 0.5) - pingPongNs(1, seaStar)).toBe(1.5e6);
    // A processor that handles each byte itself (O) does so while the bytes come; a copy is added to that.
    const network = { ...seaStar, byteOverheadNs: 0.75 };
    const run = bulk(pingPong(1001, 8), { network, node });
    expect(run.row.timeNs / 16).toBe(6000 + 700 + 1000 * (0.75 + 2 * 0.5));
    // Eight bytes in an allreduce: 7 (G + 2 copies) a round.
    for (const nodes of [2, 64, 1024])
      expect(timeNs(once(nodes, allreduce(nodes, 8)), node)).toBe(
        Math.log2(nodes) * (6000 + 700 + 7 * (0.5 + 2 * 0.5)),
      );
  });
});

describe("weak scaling", () => {
  it("is (1 + e) T_comp + T_comm, flat but for log2 P", () => {
    for (const nodes of [2, 64, 4096]) {
      const program = { ...once(nodes, [computation(1e6), ...allreduce(nodes, 1)]), iterations: 5 };
      const node = { ...nativeNode, computeFactor: 1.25 };
      expect(timeNs(program, node)).toBe(5 * (1.25e6 + 6000 * Math.log2(nodes)));
    }
  });
});

describe("what a hypervisor adds", () => {
  it("nothing where there is none, and no amplification of it", () => {
    const { row, nodes } = overhead(hpccg({ nodes: 8, iterations: 1 }), {
      ...{ network: seaStar, native: nativeNode, virtual: nativeNode },
    });
    expect(row).toMatchObject({ overheadPct: 0, localPct: 0, amplification: null });
    expect(Array.from(nodes.getChild("overheadPct")!.toArray() as Float64Array)).toEqual(Array(8).fill(0));
  });

  it("by hand: passthrough, emulation and timers", () => {
    const plain = virtualGuest(catamount, palacios2009, "nested");
    // (2000 + 2000) cycles at 2.2 GHz.
    expect(plain.receiveNs).toBeCloseTo(1818.18, 2);
    expect(plain.sendNs).toBe(0);
    const slow = virtualGuest(catamount, { ...palacios2009, device: emulated }, "nested");
    expect([slow.sendNs / plain.receiveNs, slow.receiveNs / plain.receiveNs, slow.byteNs]).toEqual([3, 4, 0.5]);
    // A second of the host's timers: 10 of 6000 and 100 of 2000 cycles; the guest has none.
    const noise = plain.noise.onNodes(1);
    expect(noise.compute(0, 0, 1e9 - (260_000 / 2.2e9) * 1e9)).toBeCloseTo(1e9, -1);
    expect(
      overlay([
        { hz: 2, durationNs: 400e6 },
        { hz: 1, durationNs: 1000 },
      ]).durationNs.join(),
    ).toBe("400000000,400000000,1000");
    expect(() => overlay([{ hz: 2, durationNs: 5e8 }])).toThrow("timers: expected timers that take less than a second");
    expect(() => nativeGuest({ ...cnl, tickHz: 2.5 })).toThrow("guest.tickHz: expected a whole number");
    for (const name of ["tickHz", "sliceHz"])
      expect(() => virtualGuest(cnl, { ...palacios2009, [name]: 2.5 }, "nested")).toThrow(
        `hypervisor.${name}: expected a whole number`,
      );
  });

  it("paging by workload: shadow where CR3 is hardly loaded, nested where it is; the crossover lies between", () => {
    for (const [guest, better] of [
      [catamount, "shadow"],
      [cnl, "nested"],
    ] as const) {
      const shares = pagingShares(guest, palacios2009);
      expect(shares.shadow < shares.nested ? "shadow" : "nested").toBe(better);
      const selected = virtualGuest(guest, palacios2009, "selected").computeFactor;
      expect(selected).toBe(virtualGuest(guest, palacios2009, better).computeFactor);
      const at = pagingShares({ ...guest, loadsPerS: shares.crossoverLoadsPerS }, palacios2009);
      expect(at.shadow).toBeCloseTo(at.nested, 12);
    }
    const none = pagingShares({ ...cnl, missesPerS: 0 }, palacios2009);
    expect([none.nested, none.crossoverLoadsPerS]).toEqual([0, 0]);
    expect(() => pagingShares({ ...cnl, missesPerS: -1 }, palacios2009)).toThrow(
      "guest.missesPerS: expected a finite number >= 0",
    );
    expect(() => pagingShares(cnl, { ...palacios2009, exits: { ...exits2011, roundTripCycles: NaN } })).toThrow(
      "hypervisor.exits.roundTripCycles",
    );
  });

  it("at 4096 nodes the applications stay within the abstract's 5 % on both guests, 2009 and today", async () => {
    const { overheadPct } = await publishedBounds();
    for (const [hypervisor, network] of [
      [palacios2009, seaStar],
      [lightweightToday, slingshot],
    ] as const)
      for (const guest of [catamount, cnl])
        for (const program of [hpccg, cth, sage]) {
          const [run, native] = [program({ nodes: 4096, iterations: 3 }), nativeGuest(guest)];
          const virtual = virtualGuest(guest, hypervisor, "selected");
          const { row } = overhead(run, { network, native, virtual });
          expect(row.overheadPct).toBeLessThan(overheadPct);
          // Stretched computations alone: a native node's ticks are among a virtual one's, at the same times and shorter, and nothing
          // that begins later ends sooner.
          const stretched = { ...native, computeFactor: virtual.computeFactor };
          const stretchedNs = bulk(run, { network, node: stretched }).row.timeNs;
          expect(row.virtualNs).toBeGreaterThan(stretchedNs);
          expect(stretchedNs).toBeGreaterThan(row.nativeNs);
        }
  }, 60_000);

  it("the study of noise at 10,000 nodes: no impact to over twenty times, at equal 2.5 %", async () => {
    const { noiseSlowdown } = await publishedBounds();
    const slowdown = (computeNs: number, periodNs: number, durationNs: number): number =>
      1 + bulkNoiseOverhead({ computeNs, periodNs, durationNs, nodes: 10_000 });
    expect(slowdown(1e5, 1e8, 2.5e6)).toBeGreaterThan(noiseSlowdown);
    expect(slowdown(1e6, 1e6, 25_000)).toBeCloseTo(1.025, 12);
  });

  it("gives the rows that it gave, to twelve digits", async () => {
    const rows = [];
    for (const guest of [catamount, cnl])
      for (const device of [passthrough, emulated])
        for (const paging of ["shadow", "nested"] as const) {
          const virtual = virtualGuest(guest, { ...palacios2009, device }, paging);
          for (const program of [hpccg, cth, sage, allreduces, randomAccess]) {
            const { row } = overhead(program({ nodes: 100, iterations: 2 }), {
              ...{ network: seaStar, native: nativeGuest(guest), virtual },
            });
            const digits = Object.entries(row).map(([key, value]) => [
              key,
              typeof value === "number" ? Number(value.toPrecision(12)) : value,
            ]);
            rows.push({ device: device.label, ...(Object.fromEntries(digits) as object) });
          }
        }
    await expect(`${JSON.stringify(rows, undefined, 2)}\n`).toMatchFileSnapshot("golden/overhead.json");
  });
});
