/** Whatever comes in the name of a TURN server, or of nobody: only what proves itself counts. */
import test from 'ava';
import fc from 'fast-check';
import type { Endpoint } from '../../infra/path/contract.ts';
import type { ReceivedStun, StunAttributes } from '../../infra/stun/message.ts';
import { writeStun } from '../../infra/stun/write.ts';
import { anyMessage } from '../stun/messages.ts';
import { DELAY_MS, Rehearsal, SERVER } from './rehearsal.ts';
import { KEY, refused, reply } from './scripted-server.ts';

const ELSEWHERE: Endpoint = { host: '192.0.2.66', port: 3478 };
const B: Endpoint = { host: '203.0.113.2', port: 5000 };
const FORGED: StunAttributes = { relayedAddresses: [{ host: '192.0.2.66', port: 1 }], lifetimeS: 600 };
const OTHER_KEY = Buffer.from('another key');

/** Asked with credentials, and the answer still under way. */
function asking(): { readonly turn: Rehearsal; readonly request: ReceivedStun } {
  const turn = new Rehearsal().open().run(3 * DELAY_MS);
  const request = turn.server.seen[1];
  if (request === undefined) throw new Error('nothing was asked');
  return { turn, request };
}

test('an answer without the right MAC is none, and the right one is waited for', (t) => {
  const { turn, request } = asking();
  t.false(turn.arrives(reply(request, FORGED)));
  t.false(turn.arrives(reply(request, FORGED, OTHER_KEY)));
  t.false(turn.arrives(reply(request, refused(486))));
  t.is(turn.run(DELAY_MS).client.state.kind, 'allocated');
});

test('an answer from elsewhere, to another request or of another method is none', (t) => {
  const { turn, request } = asking();
  t.false(turn.arrives(reply(request, FORGED, KEY), ELSEWHERE));
  t.false(turn.arrives(reply({ ...request, transactionId: 'f'.repeat(24) }, FORGED, KEY)));
  t.false(turn.arrives(reply({ ...request, method: 'refresh' }, FORGED, KEY)));
  t.is(turn.client.state.kind, 'allocating');
});

test('an answer comes once', (t) => {
  const { turn, request } = asking();
  turn.run(DELAY_MS);
  t.false(turn.arrives(reply(request, FORGED, KEY)));
  t.like(turn.client.state, { relayed: turn.server.relayed });
});

test('data is taken from the server alone, and while there is an address', (t) => {
  const data = Buffer.from('hello');
  const message = { class: 'indication', method: 'data', transactionId: 'a'.repeat(24), peerAddress: B, data } as const;
  const turn = new Rehearsal();
  t.false(turn.arrives(writeStun(message)));
  turn.open().run(1000);
  t.false(turn.arrives(writeStun(message), ELSEWHERE));
  t.false(turn.arrives(writeStun({ ...message, method: 'binding' })));
  t.deepEqual(turn.received, []);
  t.true(turn.arrives(writeStun(message)));
  t.deepEqual(
    turn.received.map(({ from, bytes }) => [from, Buffer.from(bytes).toString()]),
    [[B, 'hello']],
  );
});

test('nothing that a server sends breaks anything, nor makes us send more than it sends', (t) => {
  const property = fc.property(fc.array(anyMessage, { maxLength: 30 }), fc.boolean(), (messages, isSealed) => {
    const turn = new Rehearsal().open().run(1000);
    turn.do((client, nowMs) => client.bind(B, nowMs));
    turn.server.isSilent = true;
    const { length } = turn.sent;
    for (const message of messages) {
      // It may guess the id of the request under way.
      const id = turn.sent.length.toString(16).padStart(24, '0');
      const integrity = isSealed ? { integrity: { hash: 'sha1', key: KEY } as const } : {};
      turn.arrives(writeStun({ ...message, transactionId: id }, integrity), SERVER);
    }
    t.true(turn.sent.length - length <= 2 * messages.length);
    turn.run(10_000);
  });
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 200 }));
});
