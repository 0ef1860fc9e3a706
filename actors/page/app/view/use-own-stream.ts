/** The own camera as something a video element can show. */
import { useComputed } from '@preact/signals';
import { useCall } from './context.ts';

/** Null: it is off. */
export function useOwnStream(): MediaStream | null {
  const { own } = useCall();
  return useComputed(() => (own.camera.value === null ? null : new MediaStream([own.camera.value]))).value;
}
