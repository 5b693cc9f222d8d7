import { type CodesColumn, codes, type OptionalColumn, optional } from "../../formats/layout.ts";
import type { Rows } from "../../formats/rows.ts";
import { frameTypes } from "./frame-types.ts";

/** Kinds of modulation that have an index of modulation and coding; the code of each is its place here. */
export const modulations: readonly string[] = ["HT", "VHT", "HE"];

/** The columns of a capture, besides the time. */
export type RadioColumns = {
  readonly lengthBytes: "uint32";
  readonly type: CodesColumn;
  readonly transmitter: OptionalColumn<"words">;
  readonly receiver: OptionalColumn<"words">;
  readonly bssid: OptionalColumn<"words">;
  readonly capturedBytes: "uint32";
  readonly interface: "uint32";
  readonly toDs: "bool";
  readonly fromDs: "bool";
  readonly moreFragments: "bool";
  readonly retry: "bool";
  readonly powerManagement: "bool";
  readonly moreData: "bool";
  readonly protected: "bool";
  readonly durationUs: OptionalColumn<"uint16">;
  readonly sequence: OptionalColumn<"uint16">;
  readonly fragment: OptionalColumn<"uint8">;
  readonly fcs: OptionalColumn<"bool">;
  readonly badFcs: OptionalColumn<"bool">;
  readonly tsftUs: OptionalColumn<"uint64">;
  readonly rateMbps: OptionalColumn<"float32">;
  readonly channelMhz: OptionalColumn<"uint16">;
  readonly signalDbm: OptionalColumn<"int8">;
  readonly noiseDbm: OptionalColumn<"int8">;
  readonly antenna: OptionalColumn<"uint8">;
  readonly modulation: OptionalColumn<CodesColumn>;
  readonly mcs: OptionalColumn<"uint8">;
  readonly streams: OptionalColumn<"uint8">;
  readonly bandwidthMhz: OptionalColumn<"uint16">;
  readonly guardNs: OptionalColumn<"uint16">;
};

export const radioColumns: RadioColumns = {
  lengthBytes: "uint32",
  type: codes(frameTypes),
  transmitter: optional("words"),
  receiver: optional("words"),
  bssid: optional("words"),
  capturedBytes: "uint32",
  interface: "uint32",
  toDs: "bool",
  fromDs: "bool",
  moreFragments: "bool",
  retry: "bool",
  powerManagement: "bool",
  moreData: "bool",
  protected: "bool",
  durationUs: optional("uint16"),
  sequence: optional("uint16"),
  fragment: optional("uint8"),
  fcs: optional("bool"),
  badFcs: optional("bool"),
  tsftUs: optional("uint64"),
  rateMbps: optional("float32"),
  channelMhz: optional("uint16"),
  signalDbm: optional("int8"),
  noiseDbm: optional("int8"),
  antenna: optional("uint8"),
  modulation: optional(codes(modulations)),
  mcs: optional("uint8"),
  streams: optional("uint8"),
  bandwidthMhz: optional("uint16"),
  guardNs: optional("uint16"),
};

export type RadioRows = Rows<RadioColumns>;
