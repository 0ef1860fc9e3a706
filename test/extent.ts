/**
 * How many of the rooms that tests draw are looked at: some in `npm test`, which stays quick, and all in `npm run test:long`, which
 * looks at the same ones and more.
 */
export const IS_LONG = process.env.RPR_TESTS === 'long';

export function drawn<T>(some: T, all: T): T {
  return IS_LONG ? all : some;
}
