import { TraceFormatError } from "../../errors.ts";
import type { TraceFormat } from "../../formats/format.ts";
import { pageBytes } from "../../formats/page.ts";
import { coreFile, elfType, loadSegment, readSegments } from "./elf.ts";
import { processorsOf, readNotes } from "./elf-notes.ts";
import { readPages } from "./page-rows.ts";

/**
 * An ELF core: a guest's memory by QEMU's `dump-guest-memory` or `virsh dump --memory-only`, a crashed kernel's /proc/vmcore, or a process's
 * core by the kernel or gcore (System V ABI; https://qemu-project.gitlab.io/qemu/interop/qemu-qmp-ref.html#command-QMP-dump.dump-guest-memory).
 * A row is a page of 4 KiB of a PT_LOAD segment, in the order of the file, with its class and hash.
 * `page` is the physical page number; where no segment has a physical address (a process's core) it is the virtual one. The metadata
 * `veelab.addresses` say which; `veelab.processors` has the registers of each processor, CR3 among them, where QEMU's notes do (JSON, hexadecimal). What several segments show of the same bytes of the file (QEMU with `paging`) is one row. Bytes that a process has but the core does not
 * (pages of mapped files) are no rows. More than 65,534 segments are counted by the first section header. 64 and 32 bits, little endian.
 * Kdump-compressed files are not read; `dump-guest-memory` writes ELF unless `-z`, `-l` or `-s` is given.
 */
export const elfCore: TraceFormat = {
  name: "elf-core",
  title: "ELF core (memory of a guest or a process)",
  kind: "pages",
  detect: ({ bytes }) => elfType(bytes) === coreFile,
  async *read(source, options) {
    const segments = await readSegments(source);
    const processors = processorsOf(await readNotes(source, segments));
    const loads = segments.filter(({ type, bytes }) => type === loadSegment && bytes > 0);
    const isPhysical = loads.every(({ virtual }) => virtual === 0n) || loads.some(({ physical }) => physical !== 0n);
    const runs = loads.map(({ offset, virtual, physical, bytes }) => {
      const address = isPhysical ? physical : virtual;
      if (address % BigInt(pageBytes) !== 0n || bytes % pageBytes !== 0)
        throw new TraceFormatError(
          { file: source.file, offset, field: "PT_LOAD" },
          `expected whole pages of ${pageBytes} bytes, got ${bytes} bytes at address 0x${address.toString(16)}`,
        );
      return { page: Number(address / BigInt(pageBytes)), offset, pages: bytes / pageBytes };
    });
    yield* readPages(source, options, runs, {
      "veelab.addresses": isPhysical ? "physical" : "virtual",
      ...(processors.length === 0 ? {} : { "veelab.processors": JSON.stringify(processors) }),
    });
  },
};
