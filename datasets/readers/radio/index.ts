import type { TraceFormat } from "../../formats/format.ts";
import { pcap } from "./pcap.ts";
import { pcapng } from "./pcapng.ts";

/** Radio. */
export const radioFormats: readonly TraceFormat[] = [pcap, pcapng];
