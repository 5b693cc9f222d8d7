import type { Replies } from "../protocol/messages.ts";
import type { Completion, Inspection } from "./language/link.ts";

/** The reply to a request for completion; with the types of the matches, as ipykernel sends them and front ends show them. */
export function completionReply({ start, end, items }: Completion): Replies["complete_request"] {
  return {
    matches: items.map(({ text }) => text),
    cursor_start: start,
    cursor_end: end,
    metadata: { _jupyter_types_experimental: items.map((item) => ({ start, end, ...item })) },
  };
}

/** The reply to a request for inspection. */
export function inspectionReply(inspection: Inspection | undefined): Replies["inspect_request"] {
  if (inspection === undefined) return { found: false, data: {}, metadata: {} };
  const { plain, markdown } = inspection;
  return { found: true, data: { "text/plain": plain, "text/markdown": markdown }, metadata: {} };
}
