import test from 'ava';
import { busMessage } from './messages.ts';
import { Narrator } from './narrator.ts';

test('an agreement is told from the request to its end, what is repeated is not', (t) => {
  const narrator = new Narrator();
  const story = [
    busMessage('C', 'all', 'invite'),
    busMessage('A', 'C', 'invite'),
    busMessage('A', 'C', 'answer'),
    busMessage('C', 'all', 'profile'),
    busMessage('C', 'all', 'beat'),
    busMessage('C', 'A', 'relay.request'),
    busMessage('C', 'A', 'relay.request'),
    busMessage('A', 'C', 'relay.offer'),
    busMessage('A', 'C', 'relay.offer'),
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
      'C asks A to relay camera to B, E, D (4/16)',
      'A relays for C: camera to B, E, D (4/16)',
      'C asks A to relay camera to B, E, D (4/16)',
      'A refuses C: capacity.exhausted',
      'A gives C notice: relay.leaving',
      'C ends its agreement with A: client.done',
      'A says bye',
    ],
  );
});

test('every stream of an agreement is told; one that is granted nothing is not', (t) => {
  const streams = [
    { stream: 'camera', legs: [] },
    { stream: 'voice', legs: [{ slices: 0xffff, receivers: ['B'] }] },
  ];
  t.is(new Narrator().tell(busMessage('A', 'C', 'relay.offer', { streams })), 'A relays for C: voice to B');
  const nothing = busMessage('A', 'C', 'relay.offer', { streams: [] });
  t.is(new Narrator().tell(nothing), 'A relays for C: nothing');
});
