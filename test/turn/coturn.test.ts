/** Against the TURN server that most people run. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import test from 'ava';
import type { Endpoint } from '../../infra/path/contract.ts';
import type { TurnState } from '../../infra/turn/contract.ts';
import { ACCOUNT, isCoturnInstalled, RELAY_HOSTS, startCoturn } from './coturn.ts';
import { TurnSocket } from './turn-socket.ts';

if (!isCoturnInstalled) {
  test('coturn is not installed (apt-get install coturn): nothing is tried against it', (t) => t.pass());
}
const withCoturn = isCoturnInstalled ? test : test.skip;

/** Somebody behind the server, who knows nothing of TURN. */
async function openPeer(
  host: '127.0.0.1' | '::1',
): Promise<{ readonly socket: Socket; readonly at: Endpoint } & Disposable> {
  const socket = createSocket(host === '::1' ? 'udp6' : 'udp4').bind(0, host);
  await once(socket, 'listening');
  return { socket, at: { host, port: socket.address().port }, [Symbol.dispose]: () => socket.close() };
}

async function heardBy(socket: Socket): Promise<{ readonly text: string; readonly from: Endpoint }> {
  const [bytes, { address: host, port }] = (await once(socket, 'message')) as [
    Buffer,
    { address: string; port: number },
  ];
  return { text: bytes.toString(), from: { host, port } };
}

async function allocated(turn: TurnSocket): Promise<Extract<TurnState, { kind: 'allocated' }>> {
  turn.do((nowMs) => turn.client.open(nowMs));
  await turn.until(() => turn.client.state.kind === 'allocated');
  const { state } = turn.client;
  if (state.kind !== 'allocated') throw new Error(state.kind);
  return state;
}

async function failed(turn: TurnSocket): Promise<string> {
  turn.do((nowMs) => turn.client.open(nowMs));
  await turn.until(() => turn.client.state.kind === 'failed');
  return turn.client.state.kind === 'failed' ? turn.client.state.failure.code : '';
}

withCoturn(
  'one address at coturn carries packets both ways, to peers of either family, and is given back',
  async (t) => {
    await using coturn = await startCoturn();
    await using ours = await TurnSocket.open(coturn.endpoint, ACCOUNT);
    const { relayed, mapped } = await allocated(ours);
    t.deepEqual(mapped, ours.bound);
    t.deepEqual(
      relayed.map(({ host }) => host),
      RELAY_HOSTS,
    );
    for (const there of relayed) {
      using peer = await openPeer(there.host === '::1' ? '::1' : '127.0.0.1');
      const { socket, at } = peer;

      ours.do((nowMs) => ours.client.permit(at.host, nowMs));
      await ours.until(() => ours.client.peers.get(at.host)?.kind === 'granted');
      socket.send('by permission', there.port, there.host);
      await ours.until(() => ours.came.length === 1);

      ours.do((nowMs) => ours.client.bind(at, nowMs));
      await ours.until(() => ours.client.wayTo(at) !== undefined);
      const way = ours.client.wayTo(at);
      const heard = heardBy(socket);
      if (way !== undefined) ours.sendTo(way, 'through the channel');
      t.deepEqual(await heard, { text: 'through the channel', from: there });

      socket.send('and back', there.port, there.host);
      await ours.until(() => ours.came.length === 2);
      t.deepEqual(ours.came.splice(0), [
        { from: at, text: 'by permission' },
        { from: at, text: 'and back' },
      ]);
    }
    ours.do((nowMs) => ours.client.close(nowMs));
    await ours.until(() => ours.client.state.kind === 'closed');
  },
);

withCoturn('a process that was killed and starts anew at its port gets an address', async (t) => {
  await using coturn = await startCoturn();
  const killed = await TurnSocket.open(coturn.endpoint, ACCOUNT);
  const before = await allocated(killed);
  const { port } = killed.bound;
  await killed[Symbol.asyncDispose]();
  await using anew = await TurnSocket.open(coturn.endpoint, ACCOUNT, port);
  const after = await allocated(anew);
  t.notDeepEqual(after.relayed, before.relayed);
});

withCoturn('when coturn has been started anew there is another address, and the channels lead on', async (t) => {
  const first = await startCoturn();
  await using ours = await TurnSocket.open(first.endpoint, ACCOUNT);
  using peer = await openPeer('127.0.0.1');
  await allocated(ours);
  ours.do((nowMs) => ours.client.bind(peer.at, nowMs));
  await ours.until(() => ours.client.wayTo(peer.at) !== undefined);
  await first.stop();
  await using _second = await startCoturn([], first.endpoint.port);
  ours.do((nowMs) => ours.client.doubt(nowMs));
  await ours.until(() => ours.client.state.kind === 'allocating');
  await ours.until(() => ours.client.wayTo(peer.at) !== undefined);
  const heard = heardBy(peer.socket);
  const way = ours.client.wayTo(peer.at);
  if (way !== undefined) ours.sendTo(way, 'still here');
  t.is((await heard).text, 'still here');
});

withCoturn('what coturn refuses is told as what it is', async (t) => {
  await using coturn = await startCoturn(['--user-quota=1']);
  await using stranger = await TurnSocket.open(coturn.endpoint, { ...ACCOUNT, password: 'wrong' });
  t.is(await failed(stranger), 'turn.unauthorized');
  await using ours = await TurnSocket.open(coturn.endpoint, ACCOUNT);
  await allocated(ours);
  await using second = await TurnSocket.open(coturn.endpoint, ACCOUNT);
  t.is(await failed(second), 'turn.quota');
});

withCoturn('where coturn sends us on, we go', async (t) => {
  await using there = await startCoturn();
  await using coturn = await startCoturn([`--alternate-server=127.0.0.1:${there.endpoint.port}`]);
  await using ours = await TurnSocket.open(coturn.endpoint, ACCOUNT);
  await allocated(ours);
  t.is(ours.client.peerBehind({ ...coturn.endpoint, channel: 0x4000 }), undefined);
  using peer = await openPeer('127.0.0.1');
  ours.do((nowMs) => ours.client.bind(peer.at, nowMs));
  await ours.until(() => ours.client.wayTo(peer.at) !== undefined);
  t.like(ours.client.wayTo(peer.at), there.endpoint);
});
