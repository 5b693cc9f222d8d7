import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { EventHeap } from "../event-heap.ts";
import {
  allreduce,
  barrier,
  broadcast,
  bulk,
  computation,
  logGopSim,
  nativeNode,
  type Network,
  noiseLog,
  type Noise,
  periodicNoise,
  type Program,
  quiet,
  reduce,
  replay,
  round,
  type Round,
  scheduleBuilder,
  scheduleOf,
  seaStar,
} from "../index.ts";

const plain: Network = {
  ...{ label: "plain", latencyNs: 100, overheadNs: 10, gapNs: 15, byteGapNs: 1, byteOverheadNs: 0 },
  eagerBytes: 1000,
};

describe("by hand", () => {
  it("two sends of one rank keep the gap, and a receiver takes them in order", () => {
    const builder = scheduleBuilder(2);
    const first = builder.send(0, 21, 1, 7);
    const second = builder.send(0, 1, 1, 8);
    builder.requires(second, first);
    const other = builder.recv(1, 1, 0, 8);
    builder.recv(1, 21, 0, 7);
    const { endNs, row, events } = replay(builder.build(), { network: plain, node: nativeNode });
    // send 1: processor 0-10, interface 0-35 (15 + 20 · 1), at the receiver at 110.
    // send 2: waits for the interface, 35-45; at the receiver at 145.
    expect([endNs[first], endNs[second]]).toEqual([10, 45]);
    // receive of tag 7: 110 + 10 + 20 = 140, interface until 145; tag 8: 145 + 10 = 155.
    expect([endNs[other], endNs[3]]).toEqual([155, 140]);
    expect(row.timeNs).toBe(155);
    expect(row.firstNs).toBe(45);
    // Send 1, send 2 put off and again, two receives posted, two messages.
    expect(events).toBe(7);
  });

  it("a rendezvous lets the sender go on when the receive is found", () => {
    const builder = scheduleBuilder(2);
    const send = builder.send(0, 1001, 1);
    const next = builder.calc(0, 1);
    builder.requires(next, send);
    const late = builder.calc(1, 500);
    const receive = builder.recv(1, 1001, 0);
    builder.requires(receive, late);
    const { endNs } = replay(builder.build(), { network: plain, node: nativeNode });
    // The message is there at 110, its receive at 500: the sender's next ends at 501, the receive at 500 + 10 + 1000.
    expect([endNs[send], endNs[next], endNs[receive]]).toEqual([500, 501, 1510]);
  });

  it("a rendezvous lets the sender go on when the receive is found, also where the message was handled on arrival", () => {
    const builder = scheduleBuilder(2);
    const send = builder.send(0, 1001, 1);
    const next = builder.calc(0, 1);
    builder.requires(next, send);
    const first = builder.calc(1, 250);
    const second = builder.calc(1, 250);
    builder.requires(second, first);
    const receive = builder.recv(1, 1001, 0);
    builder.requires(receive, second);
    const endNs = (overheadAt: "receive" | "arrival"): number[] =>
      Array.from(replay(builder.build(), { network: plain, node: nativeNode, overheadAt }).endNs);
    // There at 110. At the receive: 250, 500, and 10 + 1000 for the message; the sender goes on at 500.
    expect(endNs("receive")).toEqual([500, 501, 250, 500, 1510]);
    // On arrival: the processor is free at 250, the message takes it until 1260, then the second computation, and the receive
    // finds a message that is done.
    expect(endNs("arrival")).toEqual([1510, 1511, 250, 1510, 1510]);
    // A receive that waits from the beginning lets the sender go on at 250, when the message is taken.
    const early = scheduleBuilder(2);
    early.send(0, 1001, 1);
    early.calc(1, 250);
    early.recv(1, 1001, 0);
    const { endNs: ends } = replay(early.build(), { network: plain, node: nativeNode, overheadAt: "arrival" });
    expect(ends.join()).toBe("250,250,1260");
  });

  it("a processor that handles each byte (O) is taken after the message left; S bytes are eager, one more are not", () => {
    const builder = scheduleBuilder(2);
    const eager = builder.send(0, 1000, 1, 1);
    const large = builder.send(0, 1001, 1, 2);
    builder.requires(large, eager);
    const first = builder.recv(1, 1000, 0, 1);
    const second = builder.recv(1, 1001, 0, 2);
    const { endNs, nodes } = replay(builder.build(), { network: { ...plain, byteOverheadNs: 2 }, node: nativeNode });
    // eager: leaves at 10, processor until 10 + 999 · 2 = 2008, there at 110. large: 2008-2018, processor until 4018, there at 2118.
    // Rank 1: 110 + 10 + 999 · 2 = 2118; the second then too: 2118 + 10 + 2000 = 4128, and lets rank 0 go on, which is not done.
    expect([eager, first, second, large].map((operation) => endNs[operation])).toEqual([2008, 2118, 4128, 4018]);
    expect(Array.from(nodes.getChild("busyNs")!.toArray() as Float64Array)).toEqual([4018, 4018]);
    // Where nobody receives, S bytes let their sender end, one more do not.
    const endOf = (bytes: number): number => {
      const late = scheduleBuilder(2);
      const send = late.send(0, bytes, 1);
      const work = late.calc(1, 9000);
      late.requires(late.recv(1, bytes, 0), work);
      return replay(late.build(), { network: plain, node: nativeNode }).endNs[send]!;
    };
    expect([endOf(1000), endOf(1001)]).toEqual([10, 9000]);
    const inRounds = (bytes: number) => () =>
      bulk(
        { label: "", nodes: 2, iterations: 1, steps: [round(2, bytes, (node) => [1 - node])] },
        { network: plain, node: nativeNode },
      ).row.timeNs;
    expect(inRounds(1000)()).toBe(110 + 10 + 999);
    expect(inRounds(1001)).toThrow("program.steps[0].bytes: expected at most 1000, which need no rendezvous, got 1001");
  });

  it("two messages that come at once keep the receiver's gap, by either rule", () => {
    const builder = scheduleBuilder(3);
    builder.send(1, 1, 0);
    builder.send(2, 1, 0);
    const receives = [builder.recv(0, 1, 1), builder.recv(0, 1, 2)];
    for (const overheadAt of ["receive", "arrival"] as const) {
      const { endNs } = replay(builder.build(), { network: plain, node: nativeNode, overheadAt });
      // At 110: 110-120, its interface until 125: 125-135.
      expect(receives.map((receive) => endNs[receive])).toEqual([120, 135]);
    }
  });

  it("an operation waits for the last of its conditions, though another was known to be met earlier", () => {
    const builder = scheduleBuilder(2);
    const send = builder.send(0, 1001, 1, 1);
    const before = builder.recv(0, 1, 1, 2);
    const long = builder.calc(0, 1000);
    builder.requires(long, before);
    const last = builder.recv(0, 1, 1, 3);
    builder.requires(last, long);
    builder.requires(last, send);
    const early = builder.send(1, 1, 0, 3);
    const second = builder.send(1, 1, 0, 2);
    builder.requires(second, early);
    const late = builder.calc(1, 475);
    builder.requires(late, second);
    builder.requires(builder.recv(1, 1001, 0, 1), late);
    const { endNs } = replay(builder.build(), { network: plain, node: nativeNode, overheadAt: "arrival" });
    // Rank 1 sends at 0-10 and 15-25 and computes until 500. Both messages are at rank 0 and handled by 135, the computation goes
    // to 1135; at 500 the send is let go on. The last receive waits for both, its message for nothing.
    expect([before, long, send, last].map((operation) => endNs[operation])).toEqual([135, 1135, 500, 1135]);
  });

  it("noise strikes the processor's part of a message at either end", () => {
    // Both ranks are interrupted at 5-25, 112-142 and 175-178.
    const noise = noiseLog(
      { startNs: Float64Array.of(5, 112, 175), durationNs: Float64Array.of(20, 30, 3) },
      { spanNs: 1000, offsetsNs: [0, 0] },
    );
    const builder = scheduleBuilder(2);
    const first = builder.send(0, 21, 1, 1);
    const second = builder.send(0, 1, 1, 2);
    builder.requires(second, first);
    const one = builder.recv(1, 21, 0, 1);
    const two = builder.recv(1, 1, 0, 2);
    for (const overheadAt of ["receive", "arrival"] as const) {
      const { endNs, nodes } = replay(builder.build(), { network: plain, node: { ...nativeNode, noise }, overheadAt });
      // send 1: 0-10 and 20 taken: leaves at 30, there at 130. send 2: the interface is free at 35, leaves at 45, there at 145.
      expect([endNs[first], endNs[second]]).toEqual([30, 45]);
      // receive 1: at 130 the rank is away until 142, then 10, and 20 of bytes: 172. receive 2: 172-182, 3 taken: 185.
      expect([endNs[one], endNs[two]]).toEqual([172, 185]);
      expect(Array.from(nodes.getChild("stolenNs")!.toArray() as Float64Array)).toEqual([20, 15]);
    }
  });

  it("'requires … beginning' overlaps a computation's wait", () => {
    const builder = scheduleBuilder(1);
    const first = builder.calc(0, 100);
    const second = builder.calc(0, 10);
    builder.requires(second, first, "beginning");
    // One processor: the second is free to go at 0 and waits for the processor until 100.
    expect(replay(builder.build(), { network: plain, node: nativeNode }).endNs.join()).toBe("100,110");
  });

  it("a message takes the processor at its receive, or at its arrival as in LogGOPSim", () => {
    const builder = scheduleBuilder(2);
    builder.send(0, 1, 1);
    const work = builder.calc(1, 100);
    const more = builder.calc(1, 100);
    builder.requires(more, work);
    const receive = builder.recv(1, 1, 0);
    builder.requires(receive, more);
    const schedule = builder.build();
    // There at 110, while the second computation (100-200) lasts. At the receive: 200 + 10.
    expect(replay(schedule, { network: plain, node: nativeNode }).endNs[receive]).toBe(210);
    // At arrival: put off from 110 to 200; at 200 message and receive are both due, and the end is the same.
    expect(replay(schedule, { network: plain, node: nativeNode, overheadAt: "arrival" }).endNs[receive]).toBe(210);
    // A third computation before the receive shows the difference: the message goes first, at 200-210.
    const longer = scheduleBuilder(2);
    longer.send(0, 1, 1);
    const a = longer.calc(1, 200);
    const b = longer.calc(1, 50);
    longer.requires(b, a);
    const last = longer.recv(1, 1, 0);
    longer.requires(last, b);
    const both = (["receive", "arrival"] as const).map(
      (overheadAt) => replay(longer.build(), { network: plain, node: nativeNode, overheadAt }).endNs,
    );
    expect(both[0]!.join()).toBe("10,200,250,260");
    // Rank 0's send has the lower number, so its message goes before the computation that is due at 200 too.
    expect(both[1]!.join()).toBe("10,200,260,260");
  });

  it("a rank that waits for nothing that comes is named", () => {
    const run = (make: (builder: ReturnType<typeof scheduleBuilder>) => void) => () => {
      const builder = scheduleBuilder(2);
      make(builder);
      replay(builder.build(), { network: plain, node: nativeNode });
    };
    expect(run((b) => b.recv(1, 8, 0, 3))).toThrow(
      "rank 1 waits for a message from rank 0 with tag 3 that never comes",
    );
    expect(run((b) => b.send(0, 8, 1, 3))).toThrow("a message from rank 0 to rank 1 with tag 3 is never received");
    expect(
      run((b) => {
        const [x, y] = [b.calc(0, 1), b.calc(0, 1)];
        b.requires(x, y);
        b.requires(y, x);
      }),
    ).toThrow("operation 0 (calc) of rank 0 waits for one that waits for it");
  });

  it("a condition between two ranks is refused", () => {
    const builder = scheduleBuilder(2);
    const [one, two] = [builder.calc(0, 1), builder.calc(1, 1)];
    expect(() => {
      builder.requires(one, two);
    }).toThrow("other: expected an operation of rank 0, got 1");
  });
});

describe("the heap of events", () => {
  it("gives them by time, then number, whatever the order in which they came", () => {
    // A time puts an event, nothing takes the next.
    fc.assert(
      fc.property(
        fc.array(fc.option(fc.nat(4)), { maxLength: 60 }),
        fc.integer({ min: 1, max: 96 }),
        (steps, stride) => {
          const heap = new EventHeap();
          let waiting: (readonly [time: number, event: number])[] = [];
          for (const [step, delay] of [...steps, ...steps.map(() => null)].entries()) {
            if (delay !== null) {
              // Numbers of no order: 97 is prime.
              const event = ((step + 1) * stride) % 97;
              heap.put(heap.now + delay, event);
              waiting.push([heap.now + delay, event]);
              continue;
            }
            const [first, ...others] = waiting.toSorted(([t, e], [u, f]) => t - u || e - f);
            expect(heap.next()).toBe(first?.[1] ?? -1);
            if (first !== undefined) expect(heap.now).toBe(first[0]);
            waiting = others;
          }
        },
      ),
    );
  });
});

const patterns: Readonly<Record<string, (nodes: number) => Round[]>> = {
  allreduce: (nodes) => allreduce(nodes, 8),
  barrier,
  tree: (nodes) => [...reduce(nodes, 64, nodes - 1), ...broadcast(nodes, 64, nodes - 1)],
  ring: (nodes) => [round(nodes, 500, (node) => (nodes < 3 ? [] : [(node + 1) % nodes, (node + nodes - 1) % nodes]))],
  toOne: (nodes) => [round(nodes, 100, (node) => (node === 0 ? [] : [0]))],
};

const log = { startNs: Float64Array.of(3, 40, 45, 900, 2000), durationNs: Float64Array.of(10, 20, 7, 300, 1) };
const noises: Readonly<Record<string, (seed: number) => Noise>> = {
  quiet,
  wall: (seed) => periodicNoise({ periodNs: 1000, durationNs: 120, seed }),
  computation: (seed) => periodicNoise({ periodNs: 700, durationNs: 50, clock: "computation", seed }),
  together: (seed) => periodicNoise({ periodNs: 997, durationNs: 33, coScheduled: true, seed }),
  log: (seed) => noiseLog(log, { spanNs: 2500, seed }),
  logComputation: (seed) => noiseLog(log, { clock: "computation", seed }),
};

describe("the recurrence equals the events", () => {
  const agree = (program: Program, network: Network, noise: Noise, extra = {}): void => {
    const node = { ...nativeNode, noise, ...extra };
    const [events, arrays] = [replay(scheduleOf(program), { network, node }), bulk(program, { network, node })];
    for (const column of ["endNs", "busyNs", "stolenNs"])
      expect(arrays.nodes.getChild(column)!.toArray()).toEqual(events.nodes.getChild(column)!.toArray());
    expect({ ...arrays.row, program: "" }).toEqual({ ...events.row, program: "" });
  };

  it("at 64 nodes, to the last bit, for each kind of noise and each pattern", () => {
    for (const noise of Object.values(noises))
      for (const pattern of Object.values(patterns)) {
        const workNs = Float64Array.from({ length: 64 }, (_, node) => 5000 + 37.3 * ((node * 29) % 64));
        const program = { label: "", nodes: 64, iterations: 8, steps: [computation(workNs), ...pattern(64)] };
        agree(program, seaStar, noise(5), { computeFactor: 1.01, sendNs: 0.1, receiveNs: 700, byteNs: 0.3 });
        agree(program, plain, noise(5));
      }
  });

  it("whatever the nodes, the network and the steps", () => {
    const any = fc.record({
      nodes: fc.integer({ min: 1, max: 20 }),
      iterations: fc.integer({ min: 1, max: 4 }),
      names: fc.array(fc.constantFrom(...Object.keys(patterns)), { maxLength: 3 }),
      noise: fc.constantFrom(...Object.values(noises)),
      seed: fc.nat(1000),
      workNs: fc.nat(2000),
      gapNs: fc.nat(400),
      latencyNs: fc.nat(200),
      byteOverheadNs: fc.constantFrom(0, 2, 8),
    });
    fc.assert(
      fc.property(any, ({ nodes, iterations, names, noise, seed, workNs, ...times }) => {
        const steps = [
          computation(workNs),
          ...names.flatMap((name) => [...patterns[name]!(nodes), computation(workNs / 3)]),
        ];
        agree({ label: "", nodes, iterations, steps }, { ...logGopSim, ...times }, noise(seed));
      }),
      { numRuns: 150 },
    );
  });
});

describe("properties", () => {
  it("noise never makes a run shorter than its computations and messages, and quiet noise changes nothing", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.nat(999), fc.nat(3000), (nodes, seed, workNs) => {
        const program = { label: "", nodes, iterations: 3, steps: [computation(workNs), ...barrier(nodes)] };
        const time = (noise: Noise): number =>
          bulk(program, { network: plain, node: { ...nativeNode, noise } }).row.timeNs;
        const without = time(quiet());
        expect(time(periodicNoise({ periodNs: 1000, durationNs: 0, seed }))).toBe(without);
        expect(time(periodicNoise({ periodNs: 1000, durationNs: 120, seed }))).toBeGreaterThanOrEqual(without);
      }),
    );
  });
});
