/** How large an element is on the page now. */
import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Space } from './places.ts';

export function useSize(element: RefObject<Element | null>, first: Space): Space {
  const [size, setSize] = useState(first);
  useEffect(() => {
    const watched = element.current;
    if (watched === null) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry === undefined) return;
      const { width, height } = entry.contentRect;
      // Of a hidden element there is nothing to draw.
      if (width > 0 && height > 0) setSize({ width: Math.round(width), height: Math.round(height) });
    });
    observer.observe(watched);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
