import type { ValueWidget } from "./api.ts";

/** Keeps the values of two widgets equal, from now on the first one's. */
export function link<T>(first: ValueWidget<T>, second: ValueWidget<T>): () => void {
  second.value = first.value;
  const ends = [
    first.onChange((value) => {
      second.value = value;
    }),
    second.onChange((value) => {
      first.value = value;
    }),
  ];
  return () => {
    for (const end of ends) end();
  };
}
