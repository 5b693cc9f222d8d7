import { readHelpLine } from "../help-line.ts";
import { completionReply, inspectionReply } from "../language-replies.ts";
import { toCodePoints, toCodeUnits } from "../language/code-points.ts";
import type { LanguageService } from "../language/language-service.ts";
import type { Completeness } from "../completeness.ts";
import type { Replies, Requests } from "../../protocol/messages.ts";
import { completeMagic, type Drafts } from "./drafts.ts";

/** What a front end asks of a cell that is being typed, which may have magics. */
export interface Typed {
  readonly completeness: (request: Requests["is_complete_request"]) => Promise<Completeness>;
  readonly completion: (request: Requests["complete_request"]) => Promise<Replies["complete_request"]>;
  readonly inspection: (request: Requests["inspect_request"]) => Promise<Replies["inspect_request"]>;
}

/** Answers for what is TypeScript of it by the language service, for its magics by their own names and help. */
export function createTyped(language: LanguageService, drafts: Drafts): Typed {
  return {
    async completeness({ code }) {
      // The body of a cell magic may always have one line more: a blank one ends it.
      if (/^\s*%%\w+\b(?!\?)/.test(code))
        return /\n\s*\n\s*$/.test(code) ? { status: "complete" } : { status: "incomplete", indent: "" };
      if (readHelpLine(code) !== undefined) return { status: "complete" };
      const { completeness } = await import("../completeness.ts");
      return completeness((await drafts.typed(code)).text);
    },
    async completion({ code, cursor_pos: cursor }) {
      const at = toCodeUnits(code, cursor);
      const magic = completeMagic(code, at);
      if (magic !== undefined)
        return completionReply({ ...magic, start: toCodePoints(code, magic.start), end: cursor });
      const { text, uses } = await drafts.typed(code);
      if (uses.some(({ start, end }) => at > start && at <= end))
        return completionReply({ start: cursor, end: cursor, items: [] });
      return completionReply(await language.complete(text, cursor));
    },
    async inspection({ code, cursor_pos: cursor, detail_level: detail }) {
      const { text, uses } = await drafts.typed(code);
      const at = toCodeUnits(code, cursor);
      const use = uses.find(({ start, end }) => at >= start && at <= end);
      if (use === undefined) return inspectionReply(await language.inspect(text, cursor, detail));
      const { explain } = await import("./explain.ts");
      const plain = explain(use.name);
      return inspectionReply(plain === undefined ? undefined : { plain, markdown: `\`\`\`text\n${plain}\n\`\`\`` });
    },
  };
}
