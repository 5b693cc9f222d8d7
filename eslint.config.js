import tseslint from "typescript-eslint";

/** Folders whose modules may not import from elsewhere, so that the house keeps its shape: notebooks → lib → datasets. */
const house = (files, forbidden) => ({
  files,
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: forbidden.map((name) => ({
          // kernel/test/tool.ts asks for real tools in every folder's tests, kernel/bench/figure.ts tells what its benchmarks measure.
          regex: `(^|/)${name}/(?!test/|bench/)`,
          message: `this folder does not import ${name}/`,
        })),
      },
    ],
  },
});

export default tseslint.config(
  { ignores: ["dist", "report", "docs/site", "node_modules", "kernel/page", "lib/assembly", "notebooks"] },
  { rules: { "max-lines": ["error", 400] } },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
      "@typescript-eslint/no-non-null-assertion": "off", // typed arrays in hot loops: the index is known to be in range
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/consistent-type-definitions": "off",
      "no-restricted-syntax": [
        "error",
        { selector: "ExportDefaultDeclaration", message: "named exports only" },
        { selector: "TSEnumDeclaration", message: "no enums" },
        {
          // Vitest compares a RegExp's own properties, of which there are none.
          selector:
            "CallExpression[callee.property.name='toMatchObject'] :matches(Property, ArrayExpression) > Literal[regex]",
          message: "a RegExp here matches everything: expect.stringMatching(…)",
        },
      ],
    },
  },
  house(["kernel/**/*.ts"], ["lib", "datasets"]),
  // The command line is where the layers meet: it loads each command when it is asked for.
  { files: ["kernel/cli.ts"], rules: { "no-restricted-imports": "off" } },
  house(["datasets/**/*.ts"], ["lib", "kernel"]),
  house(["lib/**/*.ts"], ["kernel"]),
  {
    // One event loop each, whose state is private typed arrays and numbers that nearly every step reads and writes: behind another object's
    // methods each would cost a call or a load an event. V8 folds constants of the same module, not those of another: threads' states moved out
    // of hybrid-rewriting/machine.ts cost it 2 to 7 %.
    files: ["lib/hybrid-rewriting/machine.ts", "lib/virtual-wifi/cell.ts", "lib/virtual-wifi/interface/host.ts"],
    rules: { "max-lines": "off" },
  },
  {
    files: ["lib/**/*.ts"],
    ignores: ["lib/run/**", "**/bench/**", "**/test/**"],
    rules: {
      "no-restricted-properties": [
        "error",
        { object: "Math", property: "random", message: "use a seeded stream of lib/core/random" },
        { object: "Date", property: "now", message: "the library has no clock" },
        { object: "performance", property: "now", message: "the library has no clock" },
      ],
    },
  },
);
