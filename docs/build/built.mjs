/** A module of the built product, by its path in dist. */
export async function built(path) {
  try {
    return await import(new URL(`../../dist/${path}`, import.meta.url));
  } catch (cause) {
    throw new Error(`expected the built product (npm run build), got no dist/${path}`, { cause });
  }
}
