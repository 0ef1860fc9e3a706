/** What a key means. Keys are for the call only where nothing else wants them: not while somebody writes. */

export type KeyAction = 'mute' | 'camera' | 'screen' | 'chat' | 'close' | 'talk' | 'talk.end';

export interface Key {
  readonly down: boolean;
  /** The physical key (UI Events code), the same on every layout; for letters `key` is what is printed on it. */
  readonly code: string;
  readonly key: string;
  readonly repeat: boolean;
  /** It is a part of a sign that an input method puts together, and none of our keys. */
  readonly composing: boolean;
  /** Ctrl, Alt or Meta is held: a shortcut of the browser. */
  readonly withModifier: boolean;
  /** What has the focus: text is written there, a control takes space for itself, or neither. */
  readonly focus: 'text' | 'control' | 'page';
}

const LETTERS: Readonly<Record<string, KeyAction>> = { m: 'mute', v: 'camera', s: 'screen', c: 'chat' };

export function keyAction({ down, code, key, repeat, composing, withModifier, focus }: Key): KeyAction | null {
  // Letting go counts wherever the focus is by then, or the person would stay heard.
  if (code === 'Space' && !down) return 'talk.end';
  if (!down || repeat || composing || withModifier) return null;
  if (key === 'Escape') return 'close';
  if (focus === 'text') return null;
  if (code === 'Space') return focus === 'page' ? 'talk' : null;
  return LETTERS[letterOf(key, code)] ?? null;
}

/** What is printed on it; where that is of another script, such as Cyrillic, what a Latin keyboard has in its place. */
function letterOf(key: string, code: string): string {
  const isForeign = /^\p{L}$/u.test(key) && !/^\p{Script=Latin}$/u.test(key);
  return (isForeign ? code.replace(/^Key/, '') : key).toLowerCase();
}
