/** Which language a page speaks. */

/** @returns the first wish that is among these: `de-AT` is served by `de`; undefined: none is */
export function languageAmong(
  wishes: readonly string[],
  spoken: Readonly<Record<string, unknown>>,
): string | undefined {
  const short = wishes.map((wish) => wish.toLowerCase().split('-', 1)[0] ?? '');
  return short.find((wish) => Object.hasOwn(spoken, wish));
}
