/** Who watches a room, and machines that are looked into: in a room with a key the server reads nothing of it. */
import test from 'ava';
import { type RoomWire, roomWire } from '../../actors/bus/sealing/room-wire.ts';
import { SecretKey } from '../../infra/crypto/secret-key.ts';
import { subjectOf } from '../../machines/subjects.ts';
import { ROOM } from './party.ts';

const SUBJECT = subjectOf({ room: ROOM, from: 'A', to: 'all', kind: 'inspect' });
const TEXT = 'the machine is here';

/** A server that keeps what it has carried. */
function server() {
  const carried: Uint8Array[] = [];
  const handlers: ((subject: string, bytes: Uint8Array) => void)[] = [];
  const nats: RoomWire = {
    publish: (subject, bytes) => {
      carried.push(bytes);
      for (const handler of handlers) handler(subject, bytes);
      return true;
    },
    subscribe: (_subject, handler) => {
      handlers.push(handler);
      return () => undefined;
    },
  };
  return { nats, carried };
}

/** What is heard under one key of what is said under another. */
async function heard(said: SecretKey | null, listens: SecretKey | null) {
  const { nats, carried } = server();
  const texts: string[] = [];
  roomWire(nats, listens).subscribe(SUBJECT, (_subject, bytes) => texts.push(Buffer.from(bytes).toString()));
  roomWire(nats, said).publish(SUBJECT, Buffer.from(TEXT));
  return { texts, carried: Buffer.concat(carried).toString('latin1') };
}

test('under the key of the room it is read by who has that key, and by nobody else', async (t) => {
  const key = await SecretKey.of('secret', 'a');
  const other = await SecretKey.of('another', 'a');
  const { texts, carried } = await heard(key, key);
  t.deepEqual(texts, [TEXT]);
  t.false(carried.includes(TEXT));
  t.deepEqual((await heard(key, other)).texts, []);
});

test('in a room with a key nothing counts that is not sealed; in an open one it goes as it is', async (t) => {
  const key = await SecretKey.of('secret', 'a');
  t.deepEqual((await heard(null, key)).texts, []);
  t.deepEqual((await heard(null, null)).texts, [TEXT]);
});
