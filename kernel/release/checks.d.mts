export function recordTests(
  root: string,
  counts: { readonly passed: number; readonly failed: number; readonly skipped: number },
): void;
export function changelogEntry(
  changelog: string,
  version: string,
): { readonly date: string | undefined; readonly text: string } | undefined;
export function obstacles(root: string): string[];
