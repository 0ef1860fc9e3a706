/** Lines that become slow, are shared and vanish, and members that lie of what has arrived: nobody sends more than his line carries. */
import test from 'ava';
import { readArrivalReports, writeArrivalReport } from '../../../../infra/rtcp/arrival-report.ts';
import { LIES, Misreporter } from '../../hostile/misreport.ts';
import { lineOf, measuredRoom, playUntil } from '../../measured-room.ts';
import { simulateDrawn } from '../../simulation.ts';

const MBIT = 1_000_000;

/** The first of these left a peer alone for good: all its legs had fallen silent, one after the other. */
for (const { peers, seed } of [{ peers: 4, seed: 13 }])
  test.serial(`a room of ${peers} on the lines of the seed ${seed} settles, and nothing is violated`, (t) => {
    t.deepEqual(simulateDrawn({ preset: 'lines', peers, seed, seconds: 25 }).violations, []);
  });

test.serial('who gives his line far more than it carries is seen', async (t) => {
  const world = measuredRoom({ uploads: { A: 2, B: 2 }, cameraBps: 0.2 * MBIT, seconds: 8 });
  await playUntil(world, 4000);
  t.deepEqual(world.violations, []);
  const line = lineOf(world, 'A');
  for (let atMs = 4250; atMs <= 8000; atMs += 250) {
    line.offeredBits += 0.25 * 5 * MBIT;
    await playUntil(world, atMs);
  }
  t.regex(world.violations[0] ?? '', /A sends \d+ bit\/s on a line that carried 2000000 at most/);
  world.end();
});

const HONEST = writeArrivalReport({
  ...{ senderSsrc: 1, shortNtp: 0x7000_0000 },
  streams: [{ ssrc: 7, first: 100, arrivals: [40, 30, 'missing', 10] }],
});

for (const lie of LIES)
  test(`a member that lies: ${lie}`, (t) => {
    const liar = new Misreporter(lie);
    const said = [liar.say(HONEST), liar.say(HONEST), liar.say(HONEST)].flat();
    t.true(said.every((datagram) => readArrivalReports(datagram).length === 1));
    t.notDeepEqual(said, [HONEST, HONEST, HONEST]);
  });
