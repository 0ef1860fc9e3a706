/** Tells the call whether a tile is in sight. */
import { useEffect, useRef } from 'preact/hooks';
import { useCall } from './context.ts';

/** @returns for the element of the tile */
export function useSight<E extends Element>(id: string) {
  const { sight } = useCall();
  const ref = useRef<E>(null);
  useEffect(() => (ref.current === null ? undefined : sight.watch(ref.current, id)), [sight, id]);
  return ref;
}
