/**
 * A text in which the release of a kernel's package is a star: `linux-image-6.1.0-56-cloud-amd64` is another package than its successor, and its files are in other
 * folders; without the number they are versions of one. Texts of other packages stay as they are.
 */
export function anyRelease(packageName: string, text: string): string {
  const [, release] = /^linux-(?:image|modules)-(\d[^-]*(?:-\d+)?)-/.exec(packageName) ?? [];
  return release === undefined ? text : text.replaceAll(release, "*");
}
