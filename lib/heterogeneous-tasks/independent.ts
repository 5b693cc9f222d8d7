import type { Statement } from "./code.ts";
import { type Linear, linear } from "./linear.ts";
import { type Loop, namesIn } from "./trees.ts";

/** The most rounds a loop can have. */
export function roundsOf({ from, to, step }: Loop): number {
  return Math.max(0, Math.ceil((to.range.max - from.range.min) / step));
}

/**
 * Whether a loop's rounds can be run in any order, or at once: no round sets what another reads, and no two store to one element. Stores have to be at
 * a · counter + what the loop does not change, with one a ≠ 0, and constants whose differences are no multiple of a that rounds are apart.
 */
export function independent(loop: Loop): boolean {
  const { declared, set } = namesIn(loop.body);
  if ([...set].some((name) => !declared.has(name))) return false;
  const forms = new Map<string, Linear>();
  const places: Linear[] = [];
  const of = (name: string): Linear | undefined =>
    forms.get(name) ?? (declared.has(name) ? undefined : { constant: 0, factors: new Map([[name, 1]]) });

  /** Whether all stores have such a place. */
  const collect = (list: readonly Statement[]): boolean =>
    list.every((one) => {
      switch (one.kind) {
        case "let": {
          const form = set.has(one.name) ? undefined : linear(one.value, of);
          if (form === undefined) forms.delete(one.name);
          else forms.set(one.name, form);
          return true;
        }
        case "set":
          return true;
        case "store": {
          const place = linear(one.index, of);
          if (place !== undefined) places.push(place);
          return place !== undefined;
        }
        case "if":
          return collect(one.then) && collect(one.otherwise);
        case "for":
          return collect(one.body);
      }
    });
  if (!collect(loop.body)) return false;
  const [first] = places;
  if (first === undefined) return false;
  const factor = first.factors.get(loop.name) ?? 0;
  if (factor === 0) return false;
  const apart = factor * loop.step;
  return places.every(
    (place) =>
      place.factors.size === first.factors.size &&
      [...first.factors].every(([name, by]) => place.factors.get(name) === by) &&
      places.every((other) => {
        const rounds = (place.constant - other.constant) / apart;
        return rounds === 0 || !Number.isInteger(rounds) || Math.abs(rounds) >= roundsOf(loop);
      }),
  );
}
