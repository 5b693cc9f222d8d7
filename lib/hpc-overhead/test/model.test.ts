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

  it("bring every node's number to every node", () => {
    // Each node holds the set of those whose number it has; a round's messages carry what the sender had before it.
    const spread = (nodes: number, rounds: readonly Round[]): number[] => {
      let held = Array.from({ length: nodes }, (_, node) => new Set([node]));
      for (const { sends, to } of rounds) {
        const after = held.map((set) => new Set(set));
        for (let node = 0; node < nodes; node++)
          for (const peer of to.subarray(sends[node], sends[node + 1]))
            for (const from of held[node]!) after[peer]!.add(from);
        held = after;
      }
      return held.map((set) => set.size);
    };
    for (let nodes = 1; nodes <= 40; nodes++) {
      expect(spread(nodes, allreduce(nodes, 8))).toEqual(Array(nodes).fill(nodes));
      expect(spread(nodes, barrier(nodes))).toEqual(Array(nodes).fill(nodes));
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
          const { row } = overhead(program({ nodes: 4096, iterations: 3 }), {
            ...{ network, native: nativeGuest(guest), virtual: virtualGuest(guest, hypervisor, "selected") },
          });
          expect(row.overheadPct).toBeGreaterThan(0);
          expect(row.overheadPct).toBeLessThan(overheadPct);
          // Each loses at least what its computations are stretched.
          expect(row.overheadPct).toBeGreaterThanOrEqual(0.95 * row.localPct);
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
