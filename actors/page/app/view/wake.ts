/** Keeps the screen on during a call (Screen Wake Lock). */

/** @returns lets it go dark again */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let isOver = false;
  const take = async () => {
    if (document.hidden) return;
    // Refused with a low battery, or unknown to this browser: the screen may go dark.
    lock = (await navigator.wakeLock?.request('screen').catch(() => null)) ?? null;
    if (isOver) void lock?.release();
  };
  // The browser takes it away from a page that is hidden.
  document.addEventListener('visibilitychange', take);
  void take();
  return () => {
    isOver = true;
    document.removeEventListener('visibilitychange', take);
    void lock?.release();
  };
}
