/** Against the TURN server that most people run, over the packet path. */
import test from 'ava';
import type { Endpoint } from '../../infra/path/contract.ts';
import type { TurnState } from '../../infra/turn/contract.ts';
import { KINDS, PlainPeer, routeOf, rtpPacket, stunMessage } from '../path/rig.ts';
import { ACCOUNT, isCoturnInstalled, RELAY_HOSTS, startCoturn } from './coturn.ts';
import { TurnSocket } from './turn-socket.ts';

if (!isCoturnInstalled) {
  test('coturn is not installed (apt-get install coturn): nothing is tried against it', (t) => t.pass());
}
const withCoturn = isCoturnInstalled ? test : test.skip;

const OURS = 11;
const THEIRS = 12;

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

/** A channel to `peer`, as the packet path names it. */
async function bound(turn: TurnSocket, peer: Endpoint): Promise<Endpoint> {
  turn.do((nowMs) => turn.client.bind(peer, nowMs));
  await turn.until(() => turn.client.wayTo(peer) !== undefined);
  return turn.client.wayTo(peer) ?? peer;
}

for (const kind of KINDS) {
  withCoturn(`${kind}: media and checks go both ways, to peers of either family`, async (t) => {
    await using coturn = await startCoturn();
    await using ours = await TurnSocket.open(coturn.endpoint, { ...ACCOUNT, kind });
    const { relayed, mapped } = await allocated(ours);
    t.deepEqual(mapped, ours.path.bound);
    t.deepEqual(
      relayed.map(({ host }) => host),
      RELAY_HOSTS,
    );
    for (const [sequence, there] of relayed.entries()) {
      // It knows nothing of TURN.
      await using peer = await PlainPeer.open(there.host);
      const way = await bound(ours, peer.address);
      ours.path.setTable({ routes: [routeOf(OURS, null, [way])], sinks: [{ ssrc: THEIRS, from: [way] }] });
      const [media, check] = [rtpPacket({ ssrc: OURS, sequence }), stunMessage(1)];
      ours.path.send(media);
      ours.path.sendTo(check, way);
      t.deepEqual(await peer.take(2), [media, check]);
      t.like(peer.received[0]?.from, { address: there.host, port: there.port });

      await peer.send(there, rtpPacket({ ssrc: THEIRS, sequence }), stunMessage(2));
      await ours.until(() => ours.came.length === 2);
      t.deepEqual(ours.came.splice(0), [
        { from: peer.address, bytes: rtpPacket({ ssrc: THEIRS, sequence }) },
        { from: peer.address, bytes: stunMessage(2) },
      ]);
    }
    ours.do((nowMs) => ours.client.close(nowMs));
    await ours.until(() => ours.client.state.kind === 'closed');
  });
}

withCoturn('by a permission what comes is told with its sender; without one nothing comes', async (t) => {
  await using coturn = await startCoturn();
  await using ours = await TurnSocket.open(coturn.endpoint, ACCOUNT);
  await using peer = await PlainPeer.open();
  const [there] = (await allocated(ours)).relayed;
  await peer.send(there, stunMessage(1));
  ours.do((nowMs) => ours.client.permit(peer.address.host, nowMs));
  await ours.until(() => ours.client.peers.get(peer.address.host)?.kind === 'granted');
  await peer.send(there, stunMessage(2));
  await ours.until(() => ours.came.length > 0);
  t.deepEqual(ours.came, [{ from: peer.address, bytes: stunMessage(2) }]);
});

withCoturn('a process that was killed and starts anew at its port gets an address', async (t) => {
  await using coturn = await startCoturn();
  const killed = await TurnSocket.open(coturn.endpoint, ACCOUNT);
  const before = await allocated(killed);
  const { port } = killed.path.bound;
  await killed[Symbol.asyncDispose]();
  await using anew = await TurnSocket.open(coturn.endpoint, { ...ACCOUNT, port });
  const after = await allocated(anew);
  t.notDeepEqual(after.relayed, before.relayed);
});

withCoturn('when coturn has been started anew there is another address, and the channels lead on', async (t) => {
  const first = await startCoturn();
  await using ours = await TurnSocket.open(first.endpoint, ACCOUNT);
  await using peer = await PlainPeer.open();
  await allocated(ours);
  await bound(ours, peer.address);
  await first.stop();
  await using _second = await startCoturn([], first.endpoint.port);
  ours.do((nowMs) => ours.client.doubt(nowMs));
  await ours.until(() => ours.client.state.kind === 'allocating');
  const way = await bound(ours, peer.address);
  ours.path.sendTo(stunMessage(3), way);
  t.deepEqual(await peer.take(1), [stunMessage(3)]);
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
  await using peer = await PlainPeer.open();
  await allocated(ours);
  t.like(await bound(ours, peer.address), there.endpoint);
});
