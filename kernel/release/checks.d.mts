interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}
export function cleanCommit(root: string): string | undefined;
export function recordTests(root: string, commit: string | undefined, counts: Counts): void;
export function testsOf(
  root: string,
): (Counts & { readonly commit: string; readonly node: string; readonly platform: string }) | undefined;
export function changelogEntry(
  changelog: string,
  version: string,
): { readonly date: string | undefined; readonly text: string } | undefined;
export function obstacles(root: string): string[];
