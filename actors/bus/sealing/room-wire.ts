/**
 * The bus for those that speak beside the members' messages: who watches a room, and machines that are looked into. In a room with a
 * key all of that is sealed under it, unsigned: whoever has the key may watch.
 */
import type { SecretKey } from '../../../infra/crypto/secret-key.ts';
import type { NatsBus } from '../../../infra/nats/connection.ts';
import { parseSubject } from '../../../machines/subjects.ts';
import { LOCKED, readContent } from './envelope.ts';
import { Sealer } from './sealer.ts';

export type RoomWire = Pick<NatsBus, 'publish' | 'subscribe'>;

const decoder = new TextDecoder();

/** @param key of the room's door; null: what is said goes as it is */
export function roomWire(nats: RoomWire, key: SecretKey | null): RoomWire {
  if (key === null) return { publish: nats.publish.bind(nats), subscribe: nats.subscribe.bind(nats) };
  const sealer = new Sealer({ identity: null, room: key });
  return {
    publish: (subject, bytes) => {
      const address = parseSubject(subject);
      return address !== undefined && nats.publish(subject, sealer.seal(address, decoder.decode(bytes), 0));
    },
    // What is not sealed is of one who does not have the key.
    subscribe: (subject, handler) =>
      nats.subscribe(subject, (from, bytes, reply) => {
        const text = bytes[0] === LOCKED ? opened(from, bytes, key) : undefined;
        if (text !== undefined) handler(from, text, reply);
      }),
  };
}

function opened(subject: string, bytes: Uint8Array, key: SecretKey): Uint8Array | undefined {
  const writer = parseSubject(subject)?.from;
  const content = writer === undefined ? undefined : key.open(writer, subject, bytes.subarray(1));
  return content && readContent(content)?.text;
}
