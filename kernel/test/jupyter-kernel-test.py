"""Jupyter's own test of kernels, with samples in our language. Run by jupyter-kernel-test.test.ts."""

import unittest

import jupyter_kernel_test


class TypeScriptKernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "veelab"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("to stderr")'

    completion_samples = [
        {"text": "console.lo", "matches": {"log"}},
        {"text": "const word = 'a'; word.toUpp", "matches": {"toUpperCase"}},
        {"text": 'import { join } from "node:pat', "matches": {"node:path", "node:path/posix", "node:path/win32"}},
    ]
    code_inspect_sample = "parseInt"

    code_page_something = "parseInt?"

    complete_code_samples = [
        "1",
        "const a: number = 1",
        "function f(x: string): string { return x }",
        "for (const b of [1, 2]) {\n  console.log(b)\n}",
        "await Promise.resolve(1)",
        'import { readFileSync } from "node:fs"',
        "interface A { b: number }",
        "console.log?",
    ]
    incomplete_code_samples = [
        "function f(x: string) {",
        "const a = [1,",
        "if (true) {\n  1",
        "`a template",
        "/* a comment",
        "class A {",
    ]
    invalid_code_samples = ["let = ;", "1 +* 2", "const a = 'b", "}"]

    code_generate_error = 'throw new Error("expected")'

    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "const text: string = 'veelab'; text", "result": "'veelab'"},
        {"code": "await Promise.resolve([1, 2, 3])", "result": "[ 1, 2, 3 ]"},
        {"code": "({ a: 1, b: [true] })", "result": "{ a: 1, b: [ true ] }"},
        {
            "code": '({ [Symbol.for("Jupyter.display")]: () => ({ "text/plain": "p", "text/html": "<p>p</p>" }) })',
            "result": "<p>p</p>",
            "mime": "text/html",
        },
    ]
    code_display_data = [
        {"code": "display(1 + 1)", "mime": "text/plain"},
        {"code": 'display.html("<b>bold</b>")', "mime": "text/html"},
        {"code": 'display.markdown("*text*")', "mime": "text/markdown"},
        {"code": 'display.svg("<svg xmlns=\'http://www.w3.org/2000/svg\'/>")', "mime": "image/svg+xml"},
        {
            "code": 'await display({ $schema: "https://vega.github.io/schema/vega-lite/v5.json", '
            'data: { values: [{ x: 1, y: 2 }] }, mark: "bar", '
            'encoding: { x: { field: "x" }, y: { field: "y" } } })',
            "mime": "image/png",
        },
    ]
    code_clear_output = "clearOutput()"

    code_history_pattern = "6 ? 7"
    supported_history_operations = ("tail", "range", "search")


if __name__ == "__main__":
    unittest.main(verbosity=2)
