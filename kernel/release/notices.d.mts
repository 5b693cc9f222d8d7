export function notices(root: string): string;
