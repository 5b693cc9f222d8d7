import type { TraceFormat } from "../../formats/format.ts";
import { readPages } from "./page-rows.ts";

/**
 * A raw image of memory: pages of 4 KiB one after the other from address 0, without a header, as QEMU's `pmemsave`, LiME's `format=raw` or
 * `virsh dump --memory-only --format …` converted to raw write it. `page` is the place in the file. Nothing tells such a file from others: it is
 * never recognised, and the option `as` names it. A last page that is cut is a fault.
 */
export const rawMemory: TraceFormat = {
  name: "raw-memory",
  title: "Raw memory image",
  kind: "pages",
  detect: () => false,
  read: (source, options) => readPages(source, options, [{ page: 0, offset: 0, pages: Infinity }], {}),
};
