import type { TraceFormat } from "../../formats/format.ts";
import { readPages } from "./page-rows.ts";

/**
 * A raw image of memory: pages of 4 KiB one after the other, without a header, as QEMU's `pmemsave` writes it
 * (https://qemu-project.gitlab.io/qemu/interop/qemu-qmp-ref.html), or a file that backs a guest's memory (`-object memory-backend-file`).
 * `page` is the place in the file: the physical page number where the image begins at address 0 and leaves nothing out. Nothing tells such a file
 * from others: it is never recognised, and the option `as` names it. A last page that is cut is a fault.
 */
export const rawMemory: TraceFormat = {
  name: "raw-memory",
  title: "Raw memory image",
  kind: "pages",
  detect: () => false,
  read: (source, options) => readPages(source, options, [{ page: 0, offset: 0, pages: Infinity }], {}),
};
