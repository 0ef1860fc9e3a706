/** Whom our address at the TURN server lets through: hosts of members, a few for each, and none of those who have left. */
import test from 'ava';
import { Relayed } from '../../actors/reach/turn/relayed.ts';
import { freshTransactionId } from '../../infra/stun/write.ts';
import { TurnClient } from '../../infra/turn/client.ts';
import { ACCOUNT } from '../turn/scripted-server.ts';

const SERVER = { host: '192.0.2.1', port: 3478 };
const host = (number: number) => `203.0.113.${number}`;

function opened() {
  const client = new TurnClient({ servers: [SERVER], ...ACCOUNT, transactionId: freshTransactionId });
  const relayed = new Relayed(() => undefined);
  relayed.open(client, 0);
  return { relayed, permitted: () => [...client.peers.keys()].sort() };
}

test('the first eight hosts that a member names, and no more of it whatever it names', (t) => {
  const { relayed, permitted } = opened();
  for (let number = 1; number <= 100; number += 1) relayed.permit('A', [host(number)], 0);
  t.is(permitted().length, 8);
  relayed.permit('B', [host(200)], 0);
  t.is(permitted().length, 9);
});

test('who has left is let through no more, unless another is at the same host', (t) => {
  const { relayed, permitted } = opened();
  relayed.permit('A', [host(1), host(2)], 0);
  relayed.permit('B', [host(2)], 0);
  relayed.keepOnly(new Set(['B']), 0);
  t.deepEqual(permitted(), [host(2)]);
  relayed.keepOnly(new Set(), 0);
  t.deepEqual(permitted(), []);
});

test('without a server nothing is asked for, and there is no address', (t) => {
  const relayed = new Relayed(() => undefined);
  t.deepEqual(relayed.permit('A', [host(1)], 0), { datagrams: [], wakeAtMs: undefined });
  t.deepEqual(relayed.bind({ host: host(1), port: 1 }, 0).datagrams, []);
  t.deepEqual(relayed.close(0).datagrams, []);
  t.deepEqual(relayed.addresses, []);
});
