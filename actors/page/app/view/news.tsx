/** Says news aloud, for those who do not see them: gathered for a moment, so that ten arrivals are no ten sentences. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { newsOf } from '../state/news.ts';
import { useCall } from './context.ts';

const GATHER_MS = 700;

export function News() {
  const { store } = useCall();
  const text = useSignal('');
  useEffect(() => {
    let before = store.state.peek();
    let gathered: string[] = [];
    let timer: number | undefined;
    const tell = () => {
      timer = undefined;
      text.value = gathered.join('. ');
      gathered = [];
    };
    const stop = store.state.subscribe((now) => {
      gathered.push(...newsOf(before, now, store.say.peek()));
      before = now;
      if (gathered.length > 0) timer ??= setTimeout(tell, GATHER_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [store, text]);
  return (
    <p class="sr-only" role="status">
      {text}
    </p>
  );
}
