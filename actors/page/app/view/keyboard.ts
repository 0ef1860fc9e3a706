/** Keys of the call, wherever the focus is. */
import { useEffect } from 'preact/hooks';
import type { Call } from '../call.ts';
import { type Key, type KeyAction, keyAction } from '../state/keys.ts';

/** Type-ahead of a list counts as writing. */
const WRITING =
  'textarea, select, [contenteditable=""], [contenteditable=true], input:not([type=checkbox], [type=radio], [type=range])';
const CONTROLS = 'button, a, summary, input, [role=button]';

export function useKeyboard(call: Call): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const action = keyAction(keyOf(event));
      if (action === null) return;
      // Space would scroll; the C would be written into the chat that it opens.
      if (action === 'talk' || action === 'chat') event.preventDefault();
      act(call, action);
    };
    // Space let go in another window is never heard here.
    const letGo = () => call.store.dispatch({ type: 'talk', on: false });
    addEventListener('keydown', onKey);
    addEventListener('keyup', onKey);
    addEventListener('blur', letGo);
    document.addEventListener('visibilitychange', letGo);
    return () => {
      removeEventListener('keydown', onKey);
      removeEventListener('keyup', onKey);
      removeEventListener('blur', letGo);
      document.removeEventListener('visibilitychange', letGo);
    };
  }, [call]);
}

function act(call: Call, action: KeyAction): void {
  const { dispatch, state } = call.store;
  const { panel, talking } = state.peek();
  const acts: Readonly<Record<KeyAction, () => void>> = {
    mute: () => call.toggleMuted(),
    camera: () => call.toggleCamera(),
    screen: () => void call.toggleScreen(),
    chat: () => dispatch({ type: 'panel', panel: panel === 'chat' ? 'none' : 'chat' }),
    close: () => panel !== 'none' && dispatch({ type: 'panel', panel: 'none' }),
    talk: () => dispatch({ type: 'talk', on: true }),
    'talk.end': () => talking && dispatch({ type: 'talk', on: false }),
  };
  acts[action]();
}

function keyOf({
  type,
  code,
  key,
  repeat,
  isComposing: composing,
  ctrlKey,
  altKey,
  metaKey,
  target,
}: KeyboardEvent): Key {
  const element = target instanceof Element ? target : null;
  return {
    down: type === 'keydown',
    code,
    key,
    repeat,
    composing,
    withModifier: ctrlKey || altKey || metaKey,
    focus: element?.closest(WRITING) ? 'text' : element?.closest(CONTROLS) ? 'control' : 'page',
  };
}
