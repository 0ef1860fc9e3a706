import test from 'ava';
import { busMessage } from './messages.ts';
import { Narrator } from './narrator.ts';

test('an agreement is told from the request to its end, renewals are not', (t) => {
  const narrator = new Narrator();
  const story = [
    busMessage('C', 'all', 'invite'),
    busMessage('A', 'C', 'invite'),
    busMessage('A', 'C', 'answer'),
    busMessage('C', 'all', 'presence'),
    busMessage('C', 'A', 'relay.request'),
    busMessage('C', 'A', 'relay.request'),
    busMessage('A', 'C', 'relay.offer'),
    busMessage('C', 'A', 'relay.accept'),
    busMessage('C', 'A', 'relay.accept'),
    busMessage('C', 'A', 'relay.request', { revision: 2 }),
    busMessage('A', 'C', 'relay.reject'),
    busMessage('A', 'C', 'relay.release'),
    busMessage('C', 'A', 'relay.release', { noticeMs: 0, reason: 'client.done' }),
    busMessage('A', 'all', 'bye'),
  ];
  t.deepEqual(
    story.map((message) => narrator.tell(message)).filter((line) => line !== undefined),
    [
      'C joins',
      'C asks A to relay to B, D (4/16)',
      "C gets A's offer: to B, D (4/16)",
      'C is relayed by A',
      'C asks A to relay to B, D (4/16)',
      'A refuses C: capacity.exhausted',
      'A gives C notice: relay.leaving',
      'C ends its agreement with A: client.done',
      'A says bye',
    ],
  );
});
