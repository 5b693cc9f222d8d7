/** What `npm pack` made. */
export interface Packed {
  readonly tarball: string;
  readonly version: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly integrity: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}
/** What a package and its dependencies weigh, in bytes. */
export interface Sizes {
  readonly packedBytes: number;
  readonly unpackedBytes: Readonly<Record<string, number>>;
  readonly dependencyBytes: Readonly<Record<string, number>>;
}
export function pack(root: string, folder: string): Packed;
export function installPacked(root: string, packed: Packed, folder: string): void;
export function sizes(root: string, packed: Packed): Sizes;
