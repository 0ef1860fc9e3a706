/** What a person chose, kept in this browser for the next call. A browser that keeps nothing is no reason to fail. */

type PreferenceName = 'microphone' | 'camera' | 'speaker' | 'name' | 'room' | 'language' | 'theme';

const PREFIX = 'rpr.';

export class Preferences {
  /** Empty where nothing was chosen. */
  get(name: PreferenceName): string {
    try {
      return localStorage.getItem(PREFIX + name) ?? '';
    } catch {
      return '';
    }
  }

  set(name: PreferenceName, value: string): void {
    try {
      localStorage.setItem(PREFIX + name, value);
    } catch {
      // Storage is full or forbidden: the choice holds until the page is closed.
    }
  }
}
