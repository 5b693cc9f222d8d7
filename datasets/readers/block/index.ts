import type { TraceFormat } from "../../formats/format.ts";
import { alibaba } from "./alibaba.ts";
import { blkparse } from "./blkparse.ts";
import { fioIolog } from "./fio-iolog.ts";
import { libcachesimCsv } from "./libcachesim-csv.ts";
import { libcachesimTxt } from "./libcachesim-txt.ts";
import { mqsim } from "./mqsim.ts";
import { msr } from "./msr.ts";
import { oracleGeneral } from "./oracle-general.ts";
import { qemuTrace } from "./qemu-trace.ts";
import { spc } from "./spc.ts";
import { tencent } from "./tencent.ts";
import { vscsi } from "./vscsi.ts";

/** Block I/O. */
export const blockFormats: readonly TraceFormat[] = [
  msr,
  alibaba,
  tencent,
  vscsi,
  oracleGeneral,
  libcachesimCsv,
  libcachesimTxt,
  mqsim,
  spc,
  blkparse,
  fioIolog,
  qemuTrace,
];
