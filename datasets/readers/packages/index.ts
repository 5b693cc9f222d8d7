import type { TraceFormat } from "../../formats/format.ts";
import { deb } from "./deb.ts";
import { dpkgStatus } from "./dpkg-status.ts";
import { md5sums } from "./md5sums.ts";

/** Packages. */
export const packagesFormats: readonly TraceFormat[] = [dpkgStatus, md5sums, deb];
