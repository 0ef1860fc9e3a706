/** The screen, a window or a tab, with its sound where the browser gives it. */

export type SharedScreen =
  | { readonly is: 'shared'; readonly picture: MediaStreamTrack; readonly sound: MediaStreamTrack | null }
  /** `cancelled`: the person closed the browser's window, which needs no word. */
  | { readonly is: 'cancelled' | 'refused' };

const UNTOUCHED: MediaTrackConstraints = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/** @param onEnded the person stopped it by the browser's own button */
export async function shareScreen(onEnded: () => void): Promise<SharedScreen> {
  try {
    const stream = await navigator.mediaDevices.getDisplayMedia({
      video: { frameRate: { ideal: 15 }, height: { max: 1_080 } },
      // Sound as it is; what the call itself plays must not come back to the others.
      audio: { ...UNTOUCHED, restrictOwnAudio: true } as MediaTrackConstraints,
    });
    const picture = stream.getVideoTracks()[0];
    if (picture === undefined) return { is: 'refused' };
    // Text has to be sharp; a late frame is no harm.
    picture.contentHint = 'detail';
    picture.addEventListener('ended', onEnded);
    return { is: 'shared', picture, sound: stream.getAudioTracks()[0] ?? null };
  } catch (error) {
    const denied = error instanceof Error && error.name === 'NotAllowedError';
    return { is: denied ? 'cancelled' : 'refused' };
  }
}
