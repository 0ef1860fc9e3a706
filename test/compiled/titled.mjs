/** AVA's `test` for one file of several in a process: its titles begin with the file's name, as AVA begins those of a file alone. */

/** What gives another `test`. */
const MODIFIERS = new Set(['serial', 'only', 'skip', 'failing']);

/**
 * @param {any} test AVA's, or a modified one
 * @param {string} name the file's
 * @returns {any}
 */
export function titled(test, name) {
  return new Proxy(test, {
    apply: (target, _, [title, ...rest]) => target(typeof title === 'string' ? `${name} › ${title}` : title, ...rest),
    get: (target, key, receiver) => {
      const value = Reflect.get(target, key, receiver);
      return MODIFIERS.has(String(key)) ? titled(value, name) : value;
    },
  });
}
