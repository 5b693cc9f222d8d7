import { describe, expect, it } from "vitest";
import { readCheckLine, startMode, withoutCheckLine } from "../check-line.ts";

describe("a %check line", () => {
  it("sets the mode and leaves everything else where it is", () => {
    expect(readCheckLine("%check error\nlet a = 1")).toEqual({ code: `${" ".repeat(12)}\nlet a = 1`, mode: "error" });
    expect(readCheckLine("// a comment\r\n\n  %check   off  \r\n1")).toEqual({
      code: `// a comment\r\n\n${" ".repeat(16)}\r\n1`,
      mode: "off",
    });
    expect(readCheckLine("%check warn")).toEqual({ code: " ".repeat(11), mode: "warn" });
    expect(readCheckLine("%check off\n%check warn").mode).toBe("warn");
  });

  it("stands after comments of either kind", () => {
    expect(readCheckLine("/* c */\n%check off\n1")).toEqual({ code: `/* c */\n${" ".repeat(10)}\n1`, mode: "off" });
    expect(readCheckLine("/* a\n%check loudly */ /* b */\n%check warn").mode).toBe("warn");
    expect(readCheckLine("/* a */ 7 /* b */\n%check off").mode).toBeUndefined();
  });

  it("stands before the code", () => {
    for (const code of ["", "1", "%check?", "const a = 7\n%check (2)", "%checked", "/* a\n%check off */", "%"])
      expect(readCheckLine(code)).toEqual({ code, mode: undefined });
  });

  it("that says something else is refused, unless it is still typed", () => {
    expect(() => readCheckLine("%check maybe")).toThrow("%check: expected off, warn or error, got maybe");
    expect(() => readCheckLine("%check")).toThrow("%check: expected off, warn or error, got nothing");
    expect(withoutCheckLine("%check o\n1")).toBe("%check o\n1");
  });
});

describe("the environment", () => {
  it("sets the mode that a kernel starts in", () => {
    expect(startMode({ VEELAB_CHECK_TYPES: "report" })).toBe("report");
    expect(startMode({ VEELAB_CHECK_TYPES: "yes" })).toBeUndefined();
    expect(startMode({})).toBeUndefined();
  });
});
