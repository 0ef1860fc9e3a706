/** STUN on the media socket: checks of other members, answers of servers, and whatever else anybody sends. */
import { isDeepStrictEqual } from 'node:util';
import { isStun } from '../../infra/stun/attributes.ts';
import { verifyStun } from '../../infra/stun/integrity.ts';
import { MAX_ATTRIBUTES, MAX_STUN_BYTES } from '../../infra/stun/message.ts';
import { readStun } from '../../infra/stun/read.ts';
import { writeStun } from '../../infra/stun/write.ts';
import { IPV4_ANSWER, IPV6_ANSWER, LONG_TERM_REQUEST, REQUEST } from '../stun/vectors.ts';
import type { Target } from './play.ts';

const KEY = Buffer.from('a key');
const TRANSACTION = { method: 'binding', transactionId: '00112233445566778899aabb' } as const;
const ADDRESS = { host: '192.0.2.1', port: 5000 };

function checkMessage(bytes: Uint8Array): void {
  const message = readStun(bytes);
  if (message === undefined) return;
  // The corpus holds one message with this key: its bytes may come again, any other is forged.
  if (verifyStun(bytes, KEY) && message.serial !== 7) throw new Error('forged, and believed');
  if (!isStun(bytes, bytes.length) || bytes.length > MAX_STUN_BYTES) throw new Error('no STUN, and read');
  if (message.notUnderstood.length > MAX_ATTRIBUTES) throw new Error('more than may be');
  const { notUnderstood, hasIntegrity, hasFingerprint, ...told } = message;
  const again = readStun(writeStun(told, { fingerprint: hasFingerprint }));
  const repeated = { ...told, notUnderstood: [], hasIntegrity: false, hasFingerprint };
  if (!isDeepStrictEqual(again, repeated)) throw new Error('told again it is another message');
}

export const STUN_TARGETS: readonly Target[] = [
  {
    name: 'stun',
    corpus: [
      ...[REQUEST, IPV4_ANSWER, IPV6_ANSWER, LONG_TERM_REQUEST],
      writeStun(
        { class: 'request', ...TRANSACTION, username: 'B:A', serial: 7 },
        { integrity: { hash: 'sha256', key: KEY } },
      ),
      writeStun({
        class: 'error',
        ...TRANSACTION,
        error: { code: 420, reason: 'Unknown Attribute' },
        unknownAttributes: [36],
      }),
      writeStun({
        ...{ class: 'success', ...TRANSACTION, method: 'allocate', lifetimeS: 600 },
        ...{ relayedAddresses: [ADDRESS], mappedAddress: ADDRESS, peerAddress: ADDRESS, channel: 0x4000 },
      }),
    ],
    check: checkMessage,
  },
];
