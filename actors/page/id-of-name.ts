/** Which id a person's name makes: ids have letters that subjects and file names can have. */
import { isId } from '../../machines/subjects.ts';

const MAX_ID = 32;
/** Whoever has a name of other letters. */
const NAMELESS = 'guest';

/** @param attempt 0 for the id itself, then one that others of the name do not have: `Ada`, `Ada-2`, `Ada-3` … */
export function idOfName(name: string, attempt = 0): string {
  const letters = name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
  const suffix = attempt === 0 ? '' : `-${attempt + 1}`;
  const id = `${letters.slice(0, MAX_ID - suffix.length)}${suffix}`;
  return isId(id) && letters !== '' ? id : `${NAMELESS}${suffix}`;
}
