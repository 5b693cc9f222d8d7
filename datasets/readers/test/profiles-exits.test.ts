import { describe, expect, it } from "vitest";
import { conforms } from "../../formats/test/conformance.ts";
import { temporaryFolder } from "../../test/temporary.ts";
import { kvmTrace } from "../profiles/kvm-trace.ts";
import { openRows } from "./open-rows.ts";

const report = `cpus=2
CPU 1 is empty
 CPU 0/KVM-4242  [000]  1234.000100: kvm_entry:            vcpu 0, rip 0xffffffff81063e2c
 CPU 0/KVM-4242  [000]  1234.000105: kvm_exit:             reason EPT_VIOLATION rip 0xffffffff81063e2c info 181 800000ec
 CPU 0/KVM-4242  [000]  1234.000106: kvm_page_fault:       address fee00000 error_code 181
 CPU 1/KVM-4243  [001]  1234.000107: kvm_exit:             reason HLT rip 0x7f01 info 0 0
 CPU 0/KVM-4242  [000]  1234.000109: kvm_entry:            vcpu 0, rip 0xffffffff81063e2c
 CPU 0/KVM-4242  [000]  1234.000110: kvm_exit:             reason UNKNOWN (77) rip 0x1 info 0 0
CPU:0 [12 EVENTS DROPPED]
 CPU 0/KVM-4242  [000]  1234.000120: kvm_entry:            vcpu 0, rip 0x1
 CPU 0/KVM-4242  [000]  1234.000130: kvm_exit:             reason CPUID rip 0x2 info 0 0
 CPU 0/KVM-4242  [000]  1234.000140: kvm_exit:             reason CPUID rip 0x3 info 0 0
 CPU 1/KVM-4243  [001]  1234.500107: kvm_entry:            vcpu 1, rip 0x7f02
`;

const ftrace = `# tracer: nop
#
#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION
#              | |         |   |||||     |         |
 qemu-system-x86-1717    (   1700) [003] d..1. 52.123456: kvm_exit: vcpu 2 reason IO_INSTRUCTION rip 0xfff0 info1 0x0000000003f80000 info2 0x0000000000000000 intr_info 0x80000b0e error_code 0x00000002
 qemu-system-x86-1717    (   1700) [003] d..1. 52.123460: kvm_entry: vcpu 2
`;

conforms(kvmTrace, {
  "trace-cmd report": { content: report, rows: 5, openRows: 2 },
  ftrace: { content: ftrace, rows: 1 },
});

describe("KVM's exits", () => {
  const folder = temporaryFolder();

  it("have these values", async () => {
    const rows = await openRows(folder.write("report.txt", report));
    // Zero is the first event's time: that of the entry.
    expect(rows.map(({ timeNs, reason, durationNs, thread }) => [timeNs, reason, durationNs, thread])).toEqual([
      [5000, "EPT_VIOLATION", 4000, 4242],
      [10000, "UNKNOWN (77)", null, 4242],
      [30000, "CPUID", null, 4242],
      [7000, "HLT", 500_000_000, 4243],
      [40000, "CPUID", null, 4242],
    ]);
    expect(rows[0]).toMatchObject({
      process: "CPU 0/KVM",
      cpu: 0,
      vcpu: 0,
      rip: 0xffffffff81063e2cn,
      info1: 0x181n,
      info2: 0x800000ecn,
      errorCode: null,
    });
    expect(rows[4]).toMatchObject({ vcpu: null });
    const [exit] = await openRows(folder.write("trace.txt", ftrace));
    expect(exit).toMatchObject({
      process: "qemu-system-x86",
      thread: 1717,
      cpu: 3,
      vcpu: 2,
      reason: "IO_INSTRUCTION",
      durationNs: 4000,
      info1: 0x3f80000n,
      interruption: 0x80000b0en,
      errorCode: 2n,
    });
  });
});
