/** Parts of a message of the peer, read one by one: what is not as it should be becomes the least that can be shown. */

export type Fields = Readonly<Record<string, unknown>>;

/** Characters of a name or an id; longer ones are cut. */
const MAX_NAME = 64;

export const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
export const textOf = (value: unknown, max = MAX_NAME): string =>
  typeof value === 'string' ? value.slice(0, max) : '';
export const numberOf = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : 0;
export const oneOf = <T extends string>(value: unknown, allowed: readonly T[], otherwise: T): T =>
  allowed.find((each) => each === value) ?? otherwise;
export const listOf = <T>(value: unknown, max: number, read: (each: Fields) => T): T[] =>
  Array.isArray(value) ? value.slice(0, max).map((each) => read(fieldsOf(each))) : [];
export const namesOf = (value: unknown, max: number, longest = MAX_NAME): string[] =>
  Array.isArray(value)
    ? value
        .filter((each) => typeof each === 'string')
        .slice(0, max)
        .map((each) => textOf(each, longest))
    : [];
