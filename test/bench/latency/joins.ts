/** From saturation to the first relayed packet: peers with too little upload join one after another. */

import { relayDelayMs } from '../../scenarios/judging/expectations.ts';
import { inRoom } from '../../scenarios/playing/in-room.ts';
import type { PeerSpec } from '../../scenarios/scenario.ts';

const JOINS = 12;
const MBIT = 1_000_000;

export interface Joins {
  /** Of each join, ms. */
  readonly relayMs: readonly number[];
  readonly medianMs: number;
}

/** The room of scenario 1. Each joiner is a process of its own, and leaves before the next one comes. */
export async function measureJoins(say: (line: string) => void): Promise<Joins> {
  const peer = (id: string, upload: number): PeerSpec => {
    return { id, uploadBps: upload * MBIT, bitrate: { minBps: MBIT, maxBps: MBIT } };
  };
  const joiners = Array.from({ length: JOINS }, (_, index) => peer(`C${index + 1}`, 2));
  const relayMs = await inRoom([peer('A', 5), peer('B', 10), ...joiners], { say }, async ({ room }) => {
    const delays: number[] = [];
    for (const id of ['A', 'B']) await room.join(id);
    await room.settle();
    for (const { id } of joiners) {
      await room.join(id);
      await room.settle();
      const delay = relayDelayMs(id, { reports: [await room.ask()] });
      say(`${id} joined: ${delay === null ? 'never relayed' : `relayed after ${delay.toFixed(0)} ms`}`);
      if (delay !== null) delays.push(Math.round(delay));
      await room.dismiss(id, 'leave');
      await room.settle();
    }
    return delays;
  });
  const sorted = [...relayMs].sort((a, b) => a - b);
  return { relayMs, medianMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN };
}
