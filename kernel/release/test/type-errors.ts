import { writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

type Resolution = "node16" | "bundler";

const kinds: Readonly<Record<Resolution, ts.CompilerOptions>> = {
  node16: { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 },
  bundler: { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler },
};

/**
 * Checks a small program that uses the library, and the library's own declarations, as TypeScript sees them from a folder; gives what is
 * wrong. The declarations of other packages are theirs.
 */
export function typeErrors(folder: string, specifiers: readonly string[], resolution: Resolution): readonly string[] {
  const file = join(folder, `program-${resolution}.ts`);
  const imports = specifiers.map((name, at) => `import * as all${at} from ${JSON.stringify(name)};`);
  writeFileSync(
    file,
    `${imports.join("\n")}
import { sweep } from "veelab";
import { dsp, publishedPrograms, simulate, synthesise, wang2011 } from "veelab/selective-paging";

export const modules = [${specifiers.map((_, at) => `all${at}`).join(", ")}];
const [program] = await publishedPrograms();
const { row } = simulate(synthesise(program!, wang2011), { policy: dsp(), costs: wang2011 });
export const seconds: number = row.policyS;
// @ts-expect-error a time is a number
export const wrong: string = row.policyS;
export const table = await sweep({ n: [1, 2] }, ({ n }) => ({ twice: 2 * n }));
`,
  );
  const program = ts.createProgram([file], {
    ...kinds[resolution],
    ...{
      target: ts.ScriptTarget.ES2022,
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      types: ["node"],
    },
  });
  const ours = join(folder, "node_modules/veelab");
  const checked = program
    .getSourceFiles()
    .filter(({ fileName }) => fileName === file || fileName.startsWith(`${ours}/`));
  if (checked.length <= specifiers.length)
    throw new Error(`expected the library's declarations, got ${checked.length} files`);
  return [
    ...program.getOptionsDiagnostics(),
    ...checked.flatMap((source) => [
      ...program.getSyntacticDiagnostics(source),
      ...program.getSemanticDiagnostics(source),
    ]),
  ].map(
    ({ file: where, messageText }) => `${where?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
  );
}
