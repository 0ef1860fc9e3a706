/** What a key means. Keys are for the call only where nothing else wants them: not while somebody writes. */

export type KeyAction = 'mute' | 'camera' | 'screen' | 'chat' | 'close' | 'talk' | 'talk.end';

export interface Key {
  readonly down: boolean;
  /** The physical key (UI Events code), the same on every layout; for letters `key` is what is printed on it. */
  readonly code: string;
  readonly key: string;
  readonly repeat: boolean;
  /** Ctrl, Alt or Meta is held: a shortcut of the browser. */
  readonly withModifier: boolean;
  /** What has the focus: text is written there, a control takes space for itself, or neither. */
  readonly focus: 'text' | 'control' | 'page';
}

const LETTERS: Readonly<Record<string, KeyAction>> = { m: 'mute', v: 'camera', s: 'screen', c: 'chat' };

export function keyAction({ down, code, key, repeat, withModifier, focus }: Key): KeyAction | null {
  // Letting go counts wherever the focus is by then, or the person would stay heard.
  if (code === 'Space' && !down) return 'talk.end';
  if (!down || repeat || withModifier) return null;
  if (key === 'Escape') return 'close';
  if (focus === 'text') return null;
  if (code === 'Space') return focus === 'page' ? 'talk' : null;
  return LETTERS[key.toLowerCase()] ?? null;
}
