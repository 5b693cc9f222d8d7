const management = [
  "Association Request",
  "Association Response",
  "Reassociation Request",
  "Reassociation Response",
  "Probe Request",
  "Probe Response",
  "Measurement Pilot",
  "Reserved management 7",
  "Beacon frame",
  "ATIM",
  "Disassociate",
  "Authentication",
  "Deauthentication",
  "Action",
  "Action No Ack",
  "Reserved management 15",
];

const control = [
  "Reserved control 0",
  "Reserved control 1",
  "Trigger",
  "TACK",
  "Beamforming Report Poll",
  "VHT/HE NDP Announcement",
  "Control Frame Extension",
  "Control Wrapper",
  "802.11 Block Ack Req",
  "802.11 Block Ack",
  "Power-Save poll",
  "Request-to-send",
  "Clear-to-send",
  "Acknowledgement",
  "CF-End (Control-frame)",
  "CF-End + CF-Ack (Control-frame)",
];

const data = [
  "Data",
  "Data + CF-Ack",
  "Data + CF-Poll",
  "Data + CF-Ack + CF-Poll",
  "Null function (No data)",
  "Acknowledgement (No data)",
  "CF-Poll (No data)",
  "CF-Ack/Poll (No data)",
  "QoS Data",
  "QoS Data + CF-Acknowledgment",
  "QoS Data + CF-Poll",
  "QoS Data + CF-Ack + CF-Poll",
  "QoS Null function (No data)",
  "Reserved data 13",
  "QoS CF-Poll (No Data)",
  "QoS CF-Ack + CF-Poll (No data)",
];

const extension = Array.from({ length: 16 }, (_, subtype) => `Reserved extension ${subtype}`);
extension[0] = "DMG Beacon";
extension[1] = "S1G Beacon";

/**
 * Names of 802.11 frames as Wireshark shows them (its field `wlan.fc.type_subtype`); the code of each is its type times 16 plus its
 * subtype, and the last one is that of a frame without a readable type: cut, or of another protocol version.
 */
export const frameTypes: readonly string[] = [...management, ...control, ...data, ...extension, "Unknown"];

/** The code of a frame without a readable type. */
export const unknownType: number = frameTypes.length - 1;
