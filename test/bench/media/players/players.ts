/** The players of the lab, as its cases start them. */
import { z } from 'zod';
import type { Lab } from '../lab.ts';
import { SINK_PORT, startProgram, toldBy } from '../programs.ts';
import type { Delivery } from './whole-frames.ts';

const delivery = z.object({ delivered: z.number(), framesWhole: z.number() });
const picture = z.object({ shownMs: z.number() });
const sync = z.object({ skewMs: z.number() });

const urlOf = (program: string) => new URL(program, import.meta.url);

/** What comes to the player of a host in so many seconds. @param frameTicks how far the timestamps of two frames are apart */
export function deliveryAt(lab: Lab, host: string, seconds: number, frameTicks: number): Promise<Delivery> {
  return toldBy(startProgram(lab, host, urlOf('recorder.ts'), SINK_PORT, seconds, frameTicks), delivery);
}

/** When the player of a host shows its first picture, in ms since the Unix epoch. */
export async function pictureAt(lab: Lab, host: string): Promise<number> {
  return (await toldBy(startProgram(lab, host, urlOf('picture-recorder.ts'), SINK_PORT), picture)).shownMs;
}

/** How far voice and camera are apart at the player of a host, over so many seconds, in ms. */
export async function skewAt(lab: Lab, host: string, seconds: number): Promise<number> {
  return (await toldBy(startProgram(lab, host, urlOf('sync-recorder.ts'), SINK_PORT, seconds), sync)).skewMs;
}

/** Of several players what the worst got. */
export function worstOf(deliveries: readonly Delivery[]): Delivery {
  return {
    delivered: Math.min(...deliveries.map(({ delivered }) => delivered)),
    framesWhole: Math.min(...deliveries.map(({ framesWhole }) => framesWhole)),
  };
}
