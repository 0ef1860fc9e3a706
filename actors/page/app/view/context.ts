/** What every part of the page is given: the call, and words in the person's language. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Call } from '../call.ts';
import type { Say } from '../text/text.ts';

export const CallContext = createContext<Call | null>(null);

export function useCall(): Call {
  const call = useContext(CallContext);
  if (call === null) throw new Error('a part of the page stands outside of the call');
  return call;
}

/** Draws the component anew when the language changes. */
export function useSay(): Say {
  return useCall().store.say.value;
}
