/** Peers of RPR are processes on hosts of a lab, and tell what they see. */
import { setTimeout as delay } from 'node:timers/promises';
import { Lab } from '../lab.ts';
import { LabRoom } from '../rooms/lab-room.ts';
import { netTest } from './net-test.ts';

/** How often the peers are asked, in ms. */
const LOOK_MS = 50;

netTest('two peers on two hosts meet over the lab’s NATS server and hear each other', async (t) => {
  await using lab = await Lab.start();
  await using room = await LabRoom.open(await lab.nats());
  const [a, b] = [await room.start('A', await lab.host()), await room.start('B', await lab.host())];
  room.join('A');
  const toldMs = room.join('B');
  await a.event(({ event, other }) => event === 'member.joined' && other === 'B');
  await b.event(({ event, other }) => event === 'member.joined' && other === 'A');
  for (const [receiver, source] of [
    ['A', 'B'],
    ['B', 'A'],
  ] as const) {
    const firstAt = async () => {
      const report = (await room.ask([receiver])).get(receiver);
      return report?.receptions.find((reception) => reception.source === source)?.firstAt ?? null;
    };
    let at = await firstAt();
    while (at === null) {
      await delay(LOOK_MS);
      at = await firstAt();
    }
    t.true(at > toldMs);
  }
});

netTest('a peer that does not start is an error with its own words', async (t) => {
  await using lab = await Lab.start();
  await using room = await LabRoom.open(await lab.nats());
  const host = await lab.host();
  await t.throwsAsync(room.start('A', host, '--bandwith', '5mbit'), { message: /A does not start: .*--bandwith/s });
});
