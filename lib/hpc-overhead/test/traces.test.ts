import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { open, stream } from "../../../datasets/index.ts";
import { logGopSim, nativeNode, type Network, noiseLog, readGoal, readMpi, replay, seaStar } from "../index.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "veelab-hpc-"));
});
afterAll(() => rm(folder, { recursive: true }));

const file = async (name: string, text: string): Promise<string> => {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
};

describe("GOAL schedules", () => {
  it("one schedule with fixed noise, worked by hand by LogGOPSim's rules", async () => {
    // L = 1000, o = 100, g = 150, G = 2, O = 0; eager up to 65,535 bytes. Rank 0 is interrupted at 250-300, rank 1 at 1250-1290
    // and 3000-3100, rank 2 never before 50,000.
    const network: Network = { ...logGopSim, latencyNs: 1000, overheadNs: 100, gapNs: 150, byteGapNs: 2 };
    const noise = noiseLog(
      { startNs: Float64Array.of(250, 11_250, 13_000), durationNs: Float64Array.of(50, 40, 100) },
      { spanNs: 100_000, offsetsNs: [0, 10_000, 20_000] },
    );
    const goal = `num_ranks 3

rank 0 {
work: calc 300 cpu 0
out: send 11b to 1 tag 1 cpu 0 nic 0
far: send 1b to 2 tag 2 cpu 0 nic 0
back: recv 1b from 2 tag 3 cpu 0 nic 0
end: calc 10 cpu 0
out requires work
far requires out
back irequires far
end requires back
end requires far
}

rank 1 {
in: recv 11b from 0 tag 1 cpu 0 nic 0
work: calc 1500 cpu 0
work requires in
out: send 1b to 2 tag 4
out requires work
}

rank 2 {
first: recv 1b from -1 tag 2
more: recv 1b from -1 tag 4
reply: send 1b to 0 tag 3
reply requires first
work: calc 5000
work requires reply
}
`;
    const schedule = await readGoal(stream(await file("hand.goal", goal)));
    const { endNs, row, nodes } = replay(schedule, { network, node: { ...nativeNode, noise }, overheadAt: "arrival" });
    // Rank 0
    //   work  0 + 300, 250-300 taken away: 350
    //   out   350: processor until 450, interface until 350 + 150 + 10 · 2 = 520, at rank 1 at 350 + 100 + 1000 = 1450
    //   far   waits for the interface: 520, processor until 620, at rank 2 at 520 + 100 + 1000 = 1620
    // Rank 1
    //   in    the message at 1450 takes the processor for 100 + 10 · 2: 1570 (1250-1290 fell into the wait)
    //   work  1570 + 1500, 3000-3100 taken away: 3170
    //   out   3170: until 3270, at rank 2 at 3170 + 100 + 1000 = 4270
    // Rank 2
    //   first the message at 1620: until 1720
    //   reply 1720: until 1820, at rank 0 at 1720 + 100 + 1000 = 2820
    //   work  1820 + 5000 = 6820
    //   more  there at 4270, the processor is taken until 6820: until 6920
    // Rank 0
    //   back  waits since the beginning of far (520); the message at 2820: until 2920
    //   end   2920 + 10 = 2930
    const [work0, out0, far, back, end, in1, work1, out1, first, more, reply, work2] = endNs;
    expect({ work0, out0, far, back, end }).toEqual({ work0: 350, out0: 450, far: 620, back: 2920, end: 2930 });
    expect({ in1, work1, out1 }).toEqual({ in1: 1570, work1: 3170, out1: 3270 });
    expect({ first, reply, work2, more }).toEqual({ first: 1720, reply: 1820, work2: 6820, more: 6920 });
    expect(row.timeNs).toBe(6920);
    expect(Array.from(nodes.getChild("stolenNs")!.toArray() as Float64Array)).toEqual([50, 100, 0]);
  });

  it("what requires a beginning alone does not wait for a rendezvous to end", async () => {
    const exchange = (word: string): string =>
      `num_ranks 2\n${[0, 1]
        .map(
          (rank) =>
            `rank ${rank} {\nout: send 100001b to ${1 - rank}\nin: recv 100001b from ${1 - rank}\nin ${word} out\n}\n`,
        )
        .join("")}`;
    const run = async (word: string) =>
      replay(await readGoal(await open(await file(`${word}.goal`, exchange(word)))), {
        ...{ network: { ...seaStar, eagerBytes: 65_535 }, node: nativeNode },
      }).row.timeNs;
    // Both leave at 1 µs, are there at 5 µs: 6 µs + 100,000 · 0.5.
    expect(await run("irequires")).toBe(56_000);
    await expect(run("requires")).rejects.toThrow("is never received");
  });

  it("a label that is not there, is there twice, or a second processor", async () => {
    const read = async (body: string): Promise<unknown> =>
      readGoal(await open(await file("bad.goal", `num_ranks 1\nrank 0 {\n${body}\n}\n`)));
    await expect(read("a: calc 1\na requires b")).rejects.toThrow('there is no operation "0:b" (rank:label)');
    await expect(read("a: calc 1\na: calc 2")).rejects.toThrow('"0:a" (rank:label) is there twice');
    await expect(read("a: calc 1 cpu 1")).rejects.toThrow("cpu: expected 0, as a rank has one processor, got 1");
  });
});

describe("traces of MPI calls", () => {
  it("SimGrid's, by hand", async () => {
    const text = ["0 init", "0 compute 2000", "0 isend 1 0 101", "0 allreduce 1 0", "0 finalize"]
      .concat(["1 init", "1 irecv 0 0 101", "1 compute 500", "1 wait 0 1 0", "1 allreduce 1 0", "1 finalize"])
      .join("\n");
    const schedule = await readMpi(await open(await file("pair.txt", `${text}\n`)), { ranks: 2, flopsPerS: 1e9 });
    // Rank 0 sends at 2000, until 3000; the message is at rank 1 at 7000 and read at 8000 + 100 · 0.5 = 8050. Rank 0's part of the
    // allreduce left at 4000 (3000 + o, its interface is free again) and is there at 8000; rank 1 sends 8050-9050, receives 9050-10050.
    // Rank 1's is at rank 0 at 13,050 and read at 14,050.
    const { row } = replay(schedule, { network: seaStar, node: nativeNode });
    expect([row.firstNs, row.timeNs]).toEqual([10_050, 14_050]);
    await expect(readMpi(await open(await file("pair2.txt", `${text}\n`)), { ranks: 2 })).rejects.toThrow("flopsPerS");
    await expect(readMpi(await open(await file("pair3.txt", "0 alltoall 8 8\n")), { ranks: 1 })).rejects.toThrow(
      "row 0: expected a call that readMpi knows, got alltoall",
    );
  });

  it("SimGrid's numbers of datatypes have sizes; none is a byte, one that is not known an error", async () => {
    const nsOf = async (datatype: string): Promise<number> => {
      const path = await file(`type${datatype.trim()}.txt`, `0 send 1 0 101${datatype}\n1 recv 0 0 101${datatype}\n`);
      return replay(await readMpi(await open(path), { ranks: 2 }), { network: seaStar, node: nativeNode }).row.timeNs;
    };
    for (const [datatype, bytes] of [
      ...([
        ["", 1],
        [" 0", 8],
        [" 1", 4],
        [" 2", 1],
        [" 3", 2],
        [" 4", 8],
        [" 5", 4],
        [" 6", 1],
        [" 7", 8],
      ] as const),
      ...([
        [" 14", 16],
        [" 18", 2],
        [" 26", 16],
      ] as const),
    ])
      expect(await nsOf(datatype)).toBe(6000 + (101 * bytes - 1) * 0.5);
    await expect(nsOf(" 99")).rejects.toThrow("row 0: the size of datatype 99 is not known");
    // An init with an argument makes it the double.
    const doubles = await file("doubles.txt", "0 init 1\n1 init 1\n0 send 1 0 101\n1 recv 0 0 101 6\n");
    const schedule = await readMpi(await open(doubles), { ranks: 2 });
    expect(Array.from(schedule.amount)).toEqual([808, 101]);
  });

  it("a receive of any message from anyone does not take a collective's", async () => {
    // Rank 0's part of the barrier is at rank 1 at 5 µs, rank 2's message at 1005 µs.
    for (const any of ["-1 -1", "-555 -444"]) {
      // As SMPI writes any: its own numbers are -555 and -444.
      const lines = ["0 barrier", `1 recv ${any} 1`, "1 barrier", "2 compute 1000000", "2 send 1 5 1", "2 barrier"];
      const path = await file(`any${any}.txt`, `${lines.join("\n")}\n`);
      const { row, endNs } = replay(await readMpi(await open(path), { ranks: 3, flopsPerS: 1e9 }), {
        ...{ network: seaStar, node: nativeNode },
      });
      // In order of the file: four operations of rank 0, the receive of rank 1.
      expect(endNs[4]).toBe(1_006_000);
      expect(row.timeNs).toBeGreaterThan(1_006_000);
    }
    // Its tag is no message's.
    await expect(
      readMpi(await open(await file("tag.txt", `0 send 1 ${2 ** 31 - 1} 1\n`)), { ranks: 2 }),
    ).rejects.toThrow("tag: expected a whole number from -1 to 2147483646");
  });

  it("an isend above S goes on: both ranks of an exchange, each with isend, irecv, waitall", async () => {
    const network: Network = { ...seaStar, eagerBytes: 65_535 };
    const text = [0, 1]
      .flatMap((rank) =>
        ["isend", "irecv"].map((call) => `${rank} ${call} ${1 - rank} 0 100001`).concat(`${rank} waitall 2`),
      )
      .concat("0 compute 1000", "1 compute 1000")
      .join("\n");
    const schedule = await readMpi(await open(await file("exchange.txt", `${text}\n`)), { ranks: 2, flopsPerS: 1e9 });
    const { row } = replay(schedule, { network, node: nativeNode });
    // Both send at 0-1 µs, are at the other at 5 µs and read at 6 µs + 100,000 · 0.5; then 1 µs.
    expect([row.firstNs, row.timeNs]).toEqual([57_000, 57_000]);
    // A send does not.
    const blocking = await file("blocking.txt", `${text.replaceAll("isend", "send")}\n`);
    const stuck = await readMpi(await open(blocking), { ranks: 2, flopsPerS: 1e9 });
    expect(() => replay(stuck, { network, node: nativeNode })).toThrow("is never received");
  });

  it("rows are counted over all batches", async () => {
    const table = await open(await file("rows.txt", "0 compute 1\n0 compute 1\n0 alltoall 8 8\n"));
    const batches = [table.slice(0, 2), table.slice(2)].flatMap((part) => part.batches);
    expect(batches).toHaveLength(2);
    await expect(readMpi(batches, { ranks: 1, flopsPerS: 1e9 })).rejects.toThrow("row 2: expected a call");
  });

  it("DUMPI's: a computation is the time between two calls", async () => {
    const call = (name: string, from: number, to: number, lines: readonly string[] = []): string =>
      [
        `MPI_${name} entering at walltime ${from.toFixed(9)}, cputime 0.1 seconds in thread 0.`,
        ...lines,
        `MPI_${name} returning at walltime ${to.toFixed(9)}, cputime 0.1 seconds in thread 0.`,
      ].join("\n");
    const world = "MPI_Comm comm=2 (MPI_COMM_WORLD)";
    const text = [
      call("Init", 100, 100.001),
      call("Comm_rank", 100.001, 100.001, [world, "int rank=0"]),
      call("Barrier", 100.003, 100.004, [world]),
    ].join("\n");
    const schedule = await readMpi(await open(await file("dumpi.txt", `${text}\n`)), { ranks: 1 });
    // Init ends at 1 ms, the barrier begins at 3 ms: 2 ms of computation; the barrier of one rank is nothing.
    expect(replay(schedule, { network: seaStar, node: nativeNode }).row.timeNs).toBeCloseTo(2e6, -1);
  });
});
