/** A video element. It is silent always: sound is played elsewhere, and one's own would be an echo. */
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

interface PictureProps {
  readonly stream: MediaStream;
  /** One's own camera is seen as in a mirror. */
  readonly mirrored?: boolean;
  /** All of it, as for a screen; else it fills the tile. */
  readonly whole?: boolean;
}

export function Picture({ stream, mirrored = false, whole = false }: PictureProps) {
  const ref = useRef<HTMLVideoElement>(null);
  // Until the first frame there is nothing but black: what is behind it stays in sight, and no tile flickers.
  const [isThere, setThere] = useState(false);
  useLayoutEffect(() => {
    const video = ref.current;
    if (video === null) return undefined;
    video.muted = true;
    video.srcObject = stream;
    void video.play().catch(() => undefined);
    return () => {
      video.srcObject = null;
    };
  }, [stream]);
  useEffect(() => {
    const video = ref.current;
    if (video === null) return undefined;
    setThere(false);
    const show = () => setThere(true);
    const request = video.requestVideoFrameCallback?.(show);
    video.addEventListener('loadeddata', show);
    return () => {
      if (request !== undefined) video.cancelVideoFrameCallback(request);
      video.removeEventListener('loadeddata', show);
    };
  }, [stream]);
  const looks = `${mirrored ? 'is-mirrored' : ''} ${whole ? 'is-whole' : ''} ${isThere ? 'is-there' : ''}`;
  return (
    // biome-ignore lint/a11y/useMediaCaption: a live picture without sound has none
    <video ref={ref} class={`picture ${looks}`} autoplay playsInline disablePictureInPicture tabIndex={-1} />
  );
}
