import type { Caller } from '../../actors/phone/phone-line.ts';

/** A caller at this host, which has proved itself and whoever its media come from; `told` hears of either. */
export function callerAt(host: string, isProved = (_: string): boolean => true, told: string[] = []): Caller {
  return {
    ...{ host, isProved },
    hasProved: (at) => void told.push(`proved ${at}`),
    prove: (at) => told.push(`ask ${at}`) > 0,
  };
}
