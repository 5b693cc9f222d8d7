import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expand } from "../expand.ts";

const variables = ["name", "files", "count", "obj", "a1"];
/** The line with what stands for values between guillemets. */
const expanded = (line: string): string =>
  expand(line, { isVariable: (name) => variables.includes(name), isGlobal: (name) => name in globalThis })
    .map((part) => (typeof part === "string" ? part : `«${part.expression}»`))
    .join("");

describe("a line of a magic", () => {
  it.each([
    ["echo {name} $name ${name}x", "echo «name» «name» «name»x"],
    ["$name.txt", "«name».txt"],
    ["echo {obj.a.b} {files.length + 1} {files[0]!}", "echo «obj.a.b» «files.length + 1» «files[0]!»"],
    ["echo {JSON.stringify({ name, n: count })}", "echo «JSON.stringify({ name, n: count })»"],
    ["echo {files.map((file) => file + '}').join()}", "echo «files.map((file) => file + '}').join()»"],
    ["wc '{name}' \"$name\"", "wc '«name»' \"«name»\""],
    ["echo {count as number} {await name}", "echo «count as number» «await name»"],
    ["echo {{name}} $$name $${name}", "echo {name} $name ${name}"],
  ])("has the notebook's values: %s", (line, wanted) => {
    expect(expanded(line)).toBe(wanted);
  });

  it.each([
    "echo $HOME ${HOME} $other {other} $nameless $1 $? $! $# $@ $- $_",
    "echo $$; kill $$x",
    "echo {a,b} {1..3} {name,count} x{2} [0-9]{2,3} {} {{}}",
    "grep -E '^a{2}$' \\$name \\{name} \"\\$name\"",
    "awk '{print $1, $name}' '$name'",
    "{ echo name; } && { name; }",
    "docker ps --format '{{.Names}}' {{json .}}",
    'curl -d \'{"name": 1, "b": {"count": 2}}\'',
    "find . -exec wc {} \\;",
    "echo ${name:-x} ${#name} $(count) ${!name}",
    "echo {name // } {name; count} {name /* }",
    "echo {Math.PI} {process.pid} {obj.a + other}",
    "echo {name = unknown} {",
    "awk '{count++} END {print count}' | awk '{ count += 1 } {delete obj.a} {count = 1}'",
  ])("leaves to the shell what is the shell's: %s", (line) => {
    expect(expanded(line)).toBe(line);
  });

  it("without a variable of the notebook stays as it is, whatever it is", () => {
    const sign = fc.constantFrom("{", "}", "$", "'", '"', "\\", " ", "name", "1", "{{", "}}", "HOME", "(", ")", ",");
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 40 }), (signs) => {
        const line = signs.join("");
        expect(expand(line, { isVariable: () => false, isGlobal: () => true })).toEqual([line]);
      }),
    );
  });
});
