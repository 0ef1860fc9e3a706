/** A peer that leaves with nothing else to do than to take its mapping away: says so when its router, which takes its time, has. */

import { backgroundClock, systemClock } from '../../actors/clock.ts';
import { PortMapping } from '../../actors/reach/addresses/port-mapping.ts';
import { OWN_PORT } from './questions.ts';
import { ScriptedRouter } from './scripted-router.ts';

const ANSWER_MS = 50;
const router = new ScriptedRouter();

const mapping = PortMapping.open({
  port: OWN_PORT,
  say: () => undefined,
  onMapped: () => {
    cancel();
    void mapping.close().then(() => process.stdout.write(router.holds ? 'left behind' : 'taken away'));
  },
  findGateway: async () => ({ host: '192.168.1.1', own: '192.168.1.2' }),
  openClient: async ({ onAnswer }) => ({
    drops: { stranger: 0, malformed: 0 },
    ask: (question) => {
      const nowMs = backgroundClock.now();
      backgroundClock.after(ANSWER_MS, () => {
        const answer = router.answer(question, nowMs);
        if (answer !== null) onAnswer(answer);
      });
    },
    close: () => undefined,
  }),
});
/** Until there is a mapping, the process has something to do. */
const cancel = systemClock.after(60_000, () => undefined);
