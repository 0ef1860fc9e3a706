/** What a person chose, kept in this browser. A browser that keeps nothing is no reason to fail. */

type PreferenceName =
  | 'microphone'
  | 'camera'
  | 'speaker'
  | 'name'
  | 'room'
  | 'language'
  | 'theme'
  /** Of this tab: a reload must not make somebody seen or heard who was not. */
  | 'camera.off'
  | 'microphone.off'
  | 'muted';

const PREFIX = 'rpr.';

export class Preferences {
  readonly #storage: () => Storage;

  /** @param storage asking for it throws where the browser forbids it */
  constructor(storage: () => Storage) {
    this.#storage = storage;
  }

  /** Empty where nothing was chosen. */
  get(name: PreferenceName): string {
    try {
      return this.#storage().getItem(PREFIX + name) ?? '';
    } catch {
      return '';
    }
  }

  set(name: PreferenceName, value: string): void {
    try {
      this.#storage().setItem(PREFIX + name, value);
    } catch {
      // Storage is full or forbidden: the choice holds until the page is closed.
    }
  }
}
