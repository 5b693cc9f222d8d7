/** A method without parameters of an object of unknown making, bound to it; undefined when it has none of that name. */
export function methodOf(value: object, name: string): (() => unknown) | undefined {
  const method: unknown = Reflect.get(value, name);
  return typeof method === "function" ? () => Reflect.apply(method, value, []) as unknown : undefined;
}
