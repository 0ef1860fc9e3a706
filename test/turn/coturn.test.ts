/** Against the TURN server that most people run. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import test from 'ava';
import { ACCOUNT, isCoturnInstalled, startCoturn } from './coturn.ts';
import { TurnSocket } from './turn-socket.ts';

if (!isCoturnInstalled) {
  test('coturn is not installed (apt-get install coturn): nothing is tried against it', (t) => t.pass());
}
const withCoturn = isCoturnInstalled ? test : test.skip;

withCoturn('an address at coturn carries packets both ways, and is given back', async (t) => {
  await using coturn = await startCoturn();
  await using ours = await TurnSocket.open(coturn.endpoint, ACCOUNT);
  ours.do((nowMs) => ours.client.open(nowMs));
  await ours.until(() => ours.client.state.kind === 'allocated');
  console.log(ours.client.state);
});
