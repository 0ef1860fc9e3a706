/** What a peer's networks tell its reach: servers by number, and nothing once it has left. */
import test from 'ava';
import { Network } from '../../actors/reach/addresses/network.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import type { TurnClient } from '../../infra/turn/client.ts';

const BOUND: Endpoint = { host: '127.0.0.1', port: 5000 };
const STUN: Endpoint = { host: '192.0.2.7', port: 3478 };
const TURN = { server: { host: '192.0.2.8', port: 3478 }, username: 'anna', password: 'secret' };
const CHOICE = { stun: [STUN], turn: TURN, portMapping: true, candidates: 'all' } as const;

/** Resolves with what is asked last: the TURN server. */
function listening() {
  const told: string[] = [];
  let client: TurnClient | undefined;
  let isAsked: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    isAsked = resolve;
  });
  const reach = {
    networkChanged: () => void told.push('changed'),
    setMapped: () => void told.push('mapped'),
    setServers: (servers: readonly Endpoint[]) => {
      told.push(`servers ${servers.map(({ host }) => host).join(' ')}`);
      isAsked();
    },
    setTurn: (turn: TurnClient) => {
      client = turn;
      told.push('turn');
    },
  };
  return { told, reach, done, client: () => client };
}

test('the servers that the user names are asked, and on loopback no router', async (t) => {
  const { told, reach, done, client } = listening();
  const network = new Network({ reach, choice: CHOICE, bound: BOUND, note: () => undefined });
  await done;
  t.deepEqual(told, ['servers 192.0.2.7', 'turn']);
  t.deepEqual(
    client()
      ?.open(0)
      .datagrams.map(({ to }) => to),
    [TURN.server],
  );
  await network.close();
});

test('a TURN server that the socket cannot send to is not asked', async (t) => {
  const { told, reach, done } = listening();
  const turn = { ...TURN, server: { host: '2001:db8::8', port: 3478 } };
  const network = new Network({ reach, choice: { ...CHOICE, turn }, bound: BOUND, note: () => undefined });
  await done;
  t.deepEqual(told, ['servers 192.0.2.7']);
  await network.close();
});

test('what becomes known after the peer has left is told to nobody', async (t) => {
  const { told, reach } = listening();
  const network = new Network({ reach, choice: CHOICE, bound: BOUND, note: () => undefined });
  await network.close();
  await new Promise((resolve) => setImmediate(resolve));
  t.deepEqual(told, []);
});
