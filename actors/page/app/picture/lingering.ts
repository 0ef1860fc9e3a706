/** What has gone stays in sight for a moment, so that one sees it go. */
import { useEffect, useRef, useState } from 'preact/hooks';

/** In ms; the style sheet fades out as long. */
const LINGER_MS = 450;

export interface Lingering<T> {
  readonly key: string;
  readonly item: T;
  readonly gone: boolean;
}

/** The items, and those that were among them until a moment ago. */
export function useLingering<T>(items: readonly T[], keyOf: (item: T) => string): Lingering<T>[] {
  const shown = useRef<Lingering<T>[]>([]);
  const [, redraw] = useState(0);
  const keys = new Set(items.map(keyOf));
  const gone = shown.current.flatMap((one) => (keys.has(one.key) ? [] : [{ ...one, gone: true }]));
  shown.current = [...gone, ...items.map((item) => ({ key: keyOf(item), item, gone: false }))];
  const goneKeys = gone.map(({ key }) => key).join('\n');
  useEffect(() => {
    if (goneKeys === '') return undefined;
    const leaving = new Set(goneKeys.split('\n'));
    const timer = setTimeout(() => {
      shown.current = shown.current.filter((one) => !one.gone || !leaving.has(one.key));
      redraw((count) => count + 1);
    }, LINGER_MS);
    return () => clearTimeout(timer);
  }, [goneKeys]);
  return shown.current;
}
