/** What a lock file says of a package. */
export interface LockedPackage {
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly licence: string | undefined;
  readonly integrity: string | undefined;
  readonly resolved: string | undefined;
  readonly link: boolean;
  readonly hasInstallScript: boolean;
  readonly dev: boolean;
}
export function isAllowed(expression: string): boolean;
export function lockedPackages(folder: string): LockedPackage[];
