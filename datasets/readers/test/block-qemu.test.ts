import { spawn } from "node:child_process";
import { readFileSync, truncateSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { tool } from "../../../kernel/test/tool.ts";
import { conforms } from "../../formats/test/conformance.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { qemuTrace } from "../block/qemu-trace.ts";
import { open, stream } from "../../open.ts";
import { openRows, rowsOf } from "./open-rows.ts";

const virtio = `blk_co_preadv blk 0x5611468c7ee0 bs 0x5611468ca990 offset 0 bytes 512 flags 0x0
virtio_blk_data_plane_start dataplane 0x5611473b1110
virtio_blk_handle_read vdev 0x5611473a1fb0 req 0x56114676dec0 sector 8 nsectors 2
blk_co_pwritev blk 0x5611468c7ee0 bs 0x5611468ca990 offset 4096 bytes 1024 flags 0x8
virtio_blk_rw_complete vdev 0x5611473a1fb0 req 0x56114676dec0 ret -5
virtio_blk_req_complete vdev 0x5611473a1fb0 req 0x56114676dec0 status 1
`;

const nvme = `11409@1795738059.775762:pci_nvme_io_cmd cid 7 nsid 0x1 sqid 1 opc 0x2 opname 'NVME_NVM_CMD_READ'
11409@1795738059.775770:pci_nvme_read cid 7 nsid 1 nlb 2 count 8192 lba 0x10
11409@1795738059.775912:pci_nvme_map_addr addr 0x2fe5000 len 4096
11409@1795738059.775924:pci_nvme_map_addr addr 0x1002fe7000 len 4096
11409@1795738059.786453:pci_nvme_enqueue_req_completion cid 7 cqid 1 dw0 0x0 dw1 0x0 status 0x4002
11409@1795738060.000000:pci_nvme_io_cmd cid 8 nsid 0x1 sqid 1 opc 0x0 opname 'NVME_NVM_CMD_FLUSH'
11409@1795738060.000001:pci_nvme_io_cmd cid 9 nsid 0x1 sqid 1 opc 0x9 opname 'NVME_NVM_CMD_DSM'
11409@1795738060.000002:pci_nvme_dsm_deallocate slba 16 nlb 4
`;

const dated = `2025-07-21T18:43:28.089797Z pci_nvme_io_cmd cid 7 nsid 0xffffffff sqid 1 opc 0x1 opname 'NVME_NVM_CMD_WRITE'
2025-07-21T18:43:29Z pci_nvme_write cid 7 opname 'write zeroes' nsid 4294967295 nlb 8 count 4096 lba 0x0
2025-07-21T23:59:59.999999Z pci_nvme_dsm_deallocate slba 16 nlb 0
2025-07-22T00:00:00.000001Z pci_nvme_enqueue_req_completion cid 7 cqid 1 dw0 0x12 dw1 0xfedcba98 status 0x0
2025-07-22T00:00:00.000002Z blk_co_pwritev blk 0x5611468c7ee0 bs (nil) offset 0 bytes 4096 flags 0x8
`;

conforms(qemuTrace, {
  "of a virtio disk, without time stamps": { content: virtio, rows: 5, lossless: false },
  "of a virtio disk, without other events": { content: virtio.replace(/.*plane.*\n/, ""), rows: 5 },
  "of an NVMe disk, with time stamps": { content: nvme, rows: 8 },
  "with dates, as from QEMU 10.2 on": { content: dated, rows: 5 },
});

describe("QEMU's trace events", () => {
  const folder = temporaryFolder();
  const rows = (text: string) => openRows(folder.write("log", text));

  it("have these values", async () => {
    const all = await rows(virtio);
    const nothing = {
      ...{ timeNs: null, thread: null, queue: null, opcode: null, address: null, lengthBytes: null },
      ...{ namespace: null, flags: null, state: null, blocks: null, command: null, result: null },
    };
    expect(all.slice(0, 4)).toEqual([
      {
        ...nothing,
        op: "read",
        offsetBytes: 0,
        sizeBytes: 512,
        event: "blk_co_preadv",
        device: 0x5611468c7ee0n,
        state: 0x5611468ca990n,
        flags: 0,
        request: null,
        status: null,
      },
      {
        ...nothing,
        op: "read",
        offsetBytes: 4096,
        sizeBytes: 1024,
        event: "virtio_blk_handle_read",
        device: 0x5611473a1fb0n,
        request: 0x56114676dec0n,
        status: null,
      },
      expect.objectContaining({ op: "write", offsetBytes: 4096, sizeBytes: 1024, event: "blk_co_pwritev", flags: 8 }),
      {
        ...nothing,
        op: null,
        offsetBytes: null,
        sizeBytes: null,
        event: "virtio_blk_rw_complete",
        device: 0x5611473a1fb0n,
        request: 0x56114676dec0n,
        status: -5,
      },
    ]);
    const commands = await rows(nvme);
    expect(commands.map(({ timeNs, op, offsetBytes, sizeBytes }) => [timeNs, op, offsetBytes, sizeBytes])).toEqual([
      [0, null, null, null],
      // Blocks of 4096 bytes.
      [8_000, "read", 16 * 4096, 8192],
      [150_000, null, null, null],
      [162_000, null, null, null],
      [10_691_000, null, null, null],
      [224_238_000, "flush", null, null],
      [224_239_000, null, null, null],
      [224_240_000, "discard", 16 * 4096, 4 * 4096],
    ]);
    expect(commands[3]).toMatchObject({ thread: 11409, address: 0x1002fe7000n, lengthBytes: 4096 });
    expect(commands[4]).toMatchObject({ request: 7n, queue: 1, status: 0x4002 });
    expect(commands[0]).toMatchObject({ namespace: 1, command: "NVME_NVM_CMD_READ", blocks: null });
    expect(commands[1]).toMatchObject({ namespace: 1, command: null, blocks: 2 });
    expect(commands[6]).toMatchObject({ request: 9n, queue: 1, opcode: 9 });
  });

  it("have these values behind a date", async () => {
    const table = await open(folder.write("log", dated));
    // date -u -d 2025-07-21T18:43:28 +%s
    expect(table.schema.metadata.get("veelab.origin")).toBe("1753123408089797000");
    const all = rowsOf(table);
    expect(all.map(({ timeNs }) => timeNs)).toEqual([
      0, 910_203_000, 18_991_910_202_000, 18_991_910_204_000, 18_991_910_205_000,
    ]);
    expect(all[1]).toMatchObject({
      thread: null,
      op: "write",
      command: "write zeroes",
      namespace: 0xffffffff,
      sizeBytes: 4096,
    });
    expect(all[3]).toMatchObject({ result: 0xfedcba9800000012n, status: 0 });
    expect(all[4]).toMatchObject({ state: 0n, flags: 8 });
    await expect(rows(dated.replace("07-22", "02-30"))).rejects.toThrow(
      'line 4, field "time": expected a date and a time such as 2025-07-21T18:43:28.089797Z, got "2025-02-30T00:00:00.000001Z pci_nvme_enq',
    );
    await expect(rows(dated.replace("0xffffffff", "0x100000000"))).rejects.toThrow('line 1, field "nsid"');
  });

  it("may stand between QEMU's messages", async () => {
    const messages =
      "2026-11-27T00:07:51.247698Z qemu-system-x86_64: terminating on signal 15 from pid 11408 (timeout)\n";
    const named = messages.replace("Z ", "Z my-guest ");
    for (const [log, count] of [
      [virtio, 5],
      [nvme, 8],
      [dated, 5],
    ] as const)
      expect(await rows(`${messages}${log}${named}qemu-system-x86_64: warning: this is one\n${messages}`)).toHaveLength(
        count,
      );
  });

  it("say what they expected", async () => {
    await expect(
      rows(`${nvme}11409@1795738060.1:pci_nvme_read cid 7 nsid 1 nlb 0 count 8192 lba 0x10\n`),
    ).rejects.toThrow('line 9, field "nlb"');
    await expect(rows(`${virtio}virtio_blk_handle_read vdev 0x1 req 0x1 sector 8\n`)).rejects.toThrow(
      'line 7, field "nsectors": expected a virtio_blk_handle_read with this field',
    );
    // 2^53 itself is refused, too.
    await expect(rows(virtio.replace("offset 4096", "offset 9007199254740992"))).rejects.toThrow(
      'line 4, field "offset": expected a whole number below 2^53, got "9007199254740992',
    );
    await expect(rows("virtio_blk_handle_read vdev 0x1 req 0x1 sector 17592186044416 nsectors 8\n")).rejects.toThrow(
      'line 1, field "offset": expected an offset and a size of at least 0 and below 2^53 bytes, got',
    );
    await expect(rows(`${virtio}Segmentation fault\n`)).rejects.toThrow('line 7, field "event"');
  });

  it.skipIf(!tool("qemu-system-x86_64", ["--version"], "qemu-system-x86"))(
    "are what QEMU logs of a firmware that reads a virtio disk's first sector",
    async () => {
      const disk = folder.write("disk.img", "");
      truncateSync(disk, 1024 * 1024);
      const log = folder.path("qemu.log");
      const machine = spawn(
        "qemu-system-x86_64",
        [
          ...["-display", "none", "-nodefaults", "-m", "64", "-msg", "timestamp=on", "-D", log],
          ...["-trace", "virtio_blk_*", "-trace", "blk_co_p*"],
          ...["-drive", `file=${disk},if=none,id=d,format=raw`, "-device", "virtio-blk,drive=d"],
        ],
        { stdio: "ignore" },
      );
      const ended = new Promise((resolve) => machine.once("exit", resolve));
      try {
        while (!readSafely(log).includes("virtio_blk_req_complete")) await pause(50);
      } finally {
        machine.kill("SIGKILL");
        await ended;
      }
      const all = await openRows(log);
      const request = all.findIndex(({ event }) => event === "virtio_blk_handle_read");
      expect(all[request]).toMatchObject({ op: "read", offsetBytes: 0, sizeBytes: 512 });
      const end = all.find(({ event }) => event === "virtio_blk_req_complete")!;
      expect(end).toMatchObject({ request: all[request]!["request"], status: 0, op: null });
      expect(Number(end["timeNs"])).toBeGreaterThanOrEqual(Number(all[request]!["timeNs"]));
      // What is read of the log is written as QEMU wrote it.
      const text: string[] = [];
      for await (const part of qemuTrace.write!(stream(log))) text.push(Buffer.from(part).toString());
      const read = readFileSync(log, "utf8")
        .split("\n")
        .filter((line) => /(?:^|:)(blk_co_p|virtio_blk_(handle|rw|req))/.test(line));
      expect(text.join("")).toBe(read.map((line) => `${line}\n`).join(""));
      // The device's request goes on to the disk's back end.
      expect(all.slice(request).some(({ event, sizeBytes }) => event === "blk_co_preadv" && sizeBytes === 512)).toBe(
        true,
      );
    },
    60_000,
  );
});

/** What a file has so far; nothing while it is not there. */
function readSafely(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
