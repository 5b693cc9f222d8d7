import * as arrow from "apache-arrow";
import { describe as suite, expect, it } from "vitest";
import { stream } from "../../../datasets/open.ts";
import { temporaryFolder } from "../../../datasets/test/temporary.ts";
import { describe, describedText } from "../describe.ts";
import * as traces from "../index.ts";

const folder = temporaryFolder();

/** One write of 4 KiB, as blkparse prints its events. */
const blkparse = (actions: string) =>
  [
    "  8,0    0        1     0.000000000   697  Q  WS 80 + 8 [sh]",
    "  8,0    0        2     0.000001000   697  G  WS 80 + 8 [sh]",
    "  8,0    0        3     0.000002000   697  P   N [sh]",
    "  8,0    0        4     0.000003000   697  D  WS 80 + 8 [sh]",
    "  8,0    0        5     0.000904000     0  C  WS 80 + 8 [0]",
  ]
    .filter((line) => actions.includes(line.slice(43, 44)))
    .map((line) => `${line}\n`)
    .join("");

const nvme = `1@10.000000:pci_nvme_io_cmd cid 7 nsid 0x1 sqid 1 opc 0x2 opname 'NVME_NVM_CMD_READ'
1@10.000001:pci_nvme_read cid 7 nsid 1 nlb 2 count 8192 lba 0x10
1@10.000002:blk_co_preadv blk 0x5611468c7ee0 bs 0x5611468ca990 offset 65536 bytes 8192 flags 0x0
1@10.000003:pci_nvme_map_addr addr 0x2fe5000 len 4096
1@10.000004:pci_nvme_enqueue_req_completion cid 7 cqid 1 dw0 0x0 dw1 0x0 status 0x0
1@10.000005:pci_nvme_io_cmd cid 8 nsid 0x1 sqid 1 opc 0x0 opname 'NVME_NVM_CMD_FLUSH'
`;

const virtio = `virtio_blk_handle_read vdev 0x5611473a1fb0 req 0x56114676dec0 sector 8 nsectors 2
virtio_blk_rw_complete vdev 0x5611473a1fb0 req 0x56114676dec0 ret 0
virtio_blk_req_complete vdev 0x5611473a1fb0 req 0x56114676dec0 status 0
`;

const fio = `fio version 3 iolog
744 f1 add
1510 f1 open
1519 f1 read 61440 4096
2939 f1 write 491520 4096
3127 f1 sync 0 0
6316 f1 close
`;

suite("a request counts once, whatever its events", () => {
  it("blkparse: one write of five events, with its own size, blocks and time", async () => {
    const description = await describe(folder.write("all", blkparse("QGPDC")));
    expect(description).toMatchObject({ rows: 5, requests: "requests: events Q (queued)" });
    expect(description.characteristics).toMatchObject({
      requestRate: { requests: 1, readShare: 0, writtenBytes: 4096 },
      readWriteMix: { parts: [{ name: "write", total: 1, share: 1 }] },
      requestSizes: { meanBytes: 4096 },
      // Sectors 80 to 87 are in one block.
      reuseDistances: { distinct: 1 },
    });
    expect(describedText(description)).toContain("5 rows, ");
    expect(describedText(description)).toContain("; requests: events Q (queued)\n");
    expect(JSON.stringify((description as unknown as { toSpec: () => object }).toSpec())).toContain("events Q");
  });

  it.each([
    ["GPDC", "requests: events D (issued to the driver)"],
    ["GPC", "requests: events C (completed)"],
  ])("blkparse: of %s the first that there is of Q, D and C", async (actions, requests) => {
    const description = await describe(folder.write(actions, blkparse(actions)));
    expect(description.requests).toBe(requests);
    expect(description.characteristics["requestRate"]).toMatchObject({ requests: 1 });
  });

  it("the choice is made where the first request comes, and is the same in batches of any size", async () => {
    const events = blkparse("QGPDC").split("\n").slice(0, 5);
    const file = folder.write("long", `${[events[2], events[1], ...events, ...events].join("\n")}\n`);
    for (const batchRows of [1, 3, 100]) {
      const { requests } = await traces.requestRate(stream(file, { batchRows }));
      expect(requests).toBe(2);
    }
  });

  it("blkparse: events of neither say that there is no request", async () => {
    const file = folder.write("none", blkparse("GP"));
    expect((await describe(file)).characteristics).toEqual({});
    await expect(traces.requestRate(file)).rejects.toThrow(
      "trace: expected a block trace, at least one row with what it needs",
    );
  });

  it("QEMU: the guest's requests and flushes, no completions, no second layer", async () => {
    const description = await describe(folder.write("nvme", nvme));
    expect(description.requests).toBe("requests: the guest's, without completions");
    expect(description.characteristics).toMatchObject({
      requestRate: { requests: 2, readBytes: 8192 },
      readWriteMix: { parts: [{ name: "flush" }, { name: "read" }] },
    });
    const back = await describe(folder.write("back", nvme.replaceAll(/.*(pci_nvme_(read|io)).*\n/g, "")));
    expect(back.requests).toBe("requests: the back end's");
    expect(back.characteristics).toMatchObject({ requestRate: { requests: 1, readBytes: 8192 } });
  });

  it("QEMU without time stamps: sizes and blocks, no rates", async () => {
    const { characteristics } = await describe(folder.write("virtio", virtio));
    expect(characteristics).toMatchObject({ requestSizes: { meanBytes: 1024 }, reuseDistances: { distinct: 1 } });
    expect(characteristics).not.toHaveProperty("requestRate");
  });

  it("fio: reads, writes, syncs and trims, not what is done to files", async () => {
    const { characteristics, requests } = await describe(folder.write("fio", fio));
    expect(requests).toBe("requests: reads, writes, syncs and trims");
    expect(characteristics).toMatchObject({ requestRate: { requests: 3, readShare: 0.5 } });
  });

  it("known by its columns where the metadata do not say the format, and refused without the column that tells", async () => {
    const file = folder.write("columns", blkparse("QGPDC"));
    const batches: arrow.RecordBatch[] = [];
    for await (const batch of stream(file)) batches.push(batch);
    const bare = batches.map(({ schema, data }) => new arrow.RecordBatch(new arrow.Schema(schema.fields), data));
    expect(await traces.requestRate(bare)).toMatchObject({ requests: 1 });
    await expect(traces.requestRate(stream(file, { columns: ["timeNs", "op", "sizeBytes"] }))).rejects.toThrow(
      "trace: expected a trace with a column action",
    );
  });

  it("each row of other traces", async () => {
    expect((await describe(traces.blockWorkload({ requests: 10 }))).requests).toBeUndefined();
  });
});
