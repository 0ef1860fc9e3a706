/** How loud the microphone is, as a row of bars. */
import { useComputed } from '@preact/signals';
import { useCall } from './context.ts';

const STEPS = 14;
/** Loud speech, of full scale; the square root spreads what is quiet. */
const FULL = 0.3;

export function LevelMeter({ label }: { readonly label: string }) {
  const { levels } = useCall();
  const lit = useComputed(() => Math.round(STEPS * Math.min(1, Math.sqrt(levels.own.value / FULL)))).value;
  return (
    <span class="meter" style={{ '--lit': `${(100 * lit) / STEPS}%` }}>
      <meter class="sr-only" aria-label={label} min={0} max={STEPS} value={lit} />
    </span>
  );
}
