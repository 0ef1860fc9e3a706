/** Who may keep a peer out by saying that its id is taken. */
import test from 'ava';
import { IdClaim } from '../../actors/bus/claim.ts';
import { Opener } from '../../actors/bus/sealing/opener.ts';
import { Sealer } from '../../actors/bus/sealing/sealer.ts';
import { SecretKey } from '../../infra/crypto/secret-key.ts';
import { connectNats, type NatsBus } from '../../infra/nats/connection.ts';
import { startNatsServer } from '../../infra/nats/server.ts';
import { freshKeys } from './keys.ts';

const claimOf = (nats: NatsBus, epoch: number, room: SecretKey | null) => {
  const keys = freshKeys({ room });
  const self = { id: 'A', epoch };
  return new IdClaim({ nats, room: 'r', ...self, sealer: new Sealer(keys), opener: new Opener(keys, self) });
};

test('in a room with a key nobody without it keeps one out, and who has it does', async (t) => {
  await using server = await startNatsServer();
  await using first = await connectNats({ url: server.url, id: 'A' });
  await using second = await connectNats({ url: server.url, id: 'A' });
  await using outsider = await connectNats({ url: server.url, id: 'X' });
  const room = await SecretKey.of('secret', 'r');
  const stop = outsider.subscribe('rpr.v2.r.A.A.claim', (_subject, _bytes, reply) => {
    if (reply !== undefined) outsider.publish(reply, new TextEncoder().encode('{"epoch":0}'));
  });
  await outsider.flush();
  const [holder, late] = [claimOf(first, 1, room), claimOf(second, 2, room)];
  holder.defend();
  t.true(await holder.ask());
  stop();
  await outsider.flush();
  late.defend();
  t.false(await late.ask());
  holder.release();
  late.release();
});

test('in an open room whoever signs and whoever does not keep an id alike', async (t) => {
  await using server = await startNatsServer();
  await using first = await connectNats({ url: server.url, id: 'A' });
  await using second = await connectNats({ url: server.url, id: 'A' });
  const [holder, late] = [claimOf(first, 1, null), claimOf(second, 2, null)];
  holder.defend();
  t.true(await holder.ask());
  t.false(await late.ask());
  holder.release();
});
