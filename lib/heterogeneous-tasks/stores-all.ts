import type { Statement } from "./code.ts";
import { type Linear, linear } from "./linear.ts";

/** Whether statements surely store every one of the first `length` elements, which then need not be cleared before. Linear in stores, of which so many are looked at. */
export function storesAll(list: readonly Statement[], length: number): boolean {
  const stored = new Uint8Array(length);
  let looks = 4 * length + 64;
  const known = new Map<string, number>();
  const constant = (name: string): Linear | undefined => {
    const value = known.get(name);
    return value === undefined ? undefined : { constant: value, factors: new Map() };
  };
  const go = (statements: readonly Statement[]): void => {
    for (const one of statements) {
      if (one.kind === "store") {
        looks--;
        const place = linear(one.index, constant);
        if (place !== undefined) stored[place.constant] = 1;
      }
      if (one.kind !== "for" || !stores(one.body)) continue;
      const from = linear(one.from, constant);
      const to = linear(one.to, constant);
      if (from === undefined || to === undefined) continue;
      for (let at = from.constant; at < to.constant && looks > 0; at += one.step, looks--) {
        known.set(one.name, at);
        go(one.body);
      }
      known.delete(one.name);
    }
  };
  go(list);
  return stored.every((one) => one === 1);
}

function stores(list: readonly Statement[]): boolean {
  return list.some((one) => one.kind === "store" || (one.kind === "for" && stores(one.body)));
}
