/** What reads keys and sealed messages: off the bus, out of links, and out of files that others may have spoilt. */
import { Opener } from '../../actors/bus/sealing/opener.ts';
import { Sealer } from '../../actors/bus/sealing/sealer.ts';
import { parseCall } from '../../actors/identity/call-file.ts';
import { IdentityError } from '../../actors/identity/errors.ts';
import { knownIn } from '../../actors/identity/known-file.ts';
import { type Signer, TakenDigests } from '../../actors/media/digests/taken-digests.ts';
import { readKeyList, writeKeyList } from '../../actors/media/sealing/key-list.ts';
import { parseLink, writeLink } from '../../actors/options/room-link.ts';
import { UsageError } from '../../actors/options/usage-error.ts';
import { openBox, sealBox } from '../../infra/crypto/box.ts';
import {
  freshIdentity,
  type Identity,
  readIdentity,
  signed,
  verifierOf,
  writeIdentity,
} from '../../infra/crypto/identity-key.ts';
import { SecretKey } from '../../infra/crypto/secret-key.ts';
import { readStreamDigests, writeStreamDigest } from '../../infra/rtcp/stream-digest.ts';
import { packetDigest } from '../../infra/srtp/packet-digest.ts';
import { STREAM_KEY_BYTES, StreamOpener, StreamSealer } from '../../infra/srtp/stream-seal.ts';
import { rtpPacket } from '../path/rig.ts';
import { freshKeys } from '../sealed/keys.ts';
import type { Target } from './play.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const ADDRESS = { room: 'r', from: 'A', to: 'all', kind: 'beat' };
const TEXT = '{"epoch":7,"seq":1,"profile":3}';
const ROOM = await SecretKey.of('secret', 'r');
const KEYS = freshKeys();

/** Whatever is heard of what nobody has sealed must not be what somebody has. */
function opensNothing(name: string, room: SecretKey | null): Target {
  const sealed = new Sealer({ ...KEYS, room }).seal(ADDRESS, TEXT, 0);
  return {
    name,
    corpus: [sealed],
    check: (bytes) => {
      const opener = new Opener(freshKeys({ room }), { id: 'Z', epoch: 9 });
      opener.open(ADDRESS, bytes, 0);
      opener.openClaim({ ...ADDRESS, to: 'A', kind: 'claim' }, bytes, 0);
      const isSame = Buffer.compare(bytes, sealed) === 0;
      const isSealed = bytes[0] === sealed[0];
      const opened = new Opener(freshKeys({ room }), { id: 'Z', epoch: 9 }).open(ADDRESS, bytes, 0);
      if (isSealed && !isSame && 'text' in opened) throw new Error('what nobody has sealed is opened');
    },
  };
}

const LINKS = ['rpr:main@host:4222#c2VjcmV0', 'rpr:tea@#a%20b', 'rpr:r@tls://u:p%25@[::1]:1,h#k', 'rpr:r@h'];
const KEY = freshIdentity().publicKey;

const BOX_KEY = Buffer.alloc(16, 1);
const STREAM_KEY = Buffer.alloc(STREAM_KEY_BYTES, 2);
const KEY_LIST = writeKeyList([{ ssrc: 1, epoch: 2, index: 70_000, key: STREAM_KEY }]);
const SEALED_PACKET = sealedPacket();

const IDENTITY = freshIdentity();
const DIGEST_SIGNER = signerOf(IDENTITY);
const SIGNED_DIGEST = writeStreamDigest(
  {
    ...{ streamSsrc: 1, number: 3, writtenMs: 1234, highest: 7 },
    packets: [{ sequence: 7, digest: packetDigest(SEALED_PACKET) }],
  },
  9,
  (bytes) => signed(IDENTITY, bytes),
);

function signerOf({ publicKey }: Identity): Signer {
  const verifier = verifierOf(publicKey);
  if (verifier === undefined) throw new Error('an identity of our own is no key');
  return { verifier, context: new Uint8Array(0) };
}

function sealedPacket(): Uint8Array {
  const into = Buffer.alloc(100);
  const length = new StreamSealer(STREAM_KEY, 2).seal(rtpPacket({ ssrc: 1, sequence: 7 }), 7, into);
  return into.subarray(0, length);
}

export const SEALING_TARGETS: readonly Target[] = [
  opensNothing('signed message', null),
  opensNothing('locked message', ROOM),
  {
    name: 'room link',
    corpus: LINKS.map((link) => encoder.encode(link)),
    check: (bytes) => {
      try {
        const link = parseLink(decoder.decode(bytes));
        const again = parseLink(writeLink(link));
        const nats = link.nats?.replace(/^nats:\/\//, '') ?? null;
        if (JSON.stringify(again) !== JSON.stringify({ ...link, nats }))
          throw new Error('told again it is another link');
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
      }
    },
  },
  {
    name: 'box of keys',
    corpus: [sealBox(BOX_KEY, 1, KEY_LIST), KEY_LIST],
    check: (bytes) => {
      readKeyList(bytes);
      const opened = openBox(BOX_KEY, bytes);
      const isSame = Buffer.compare(bytes, sealBox(BOX_KEY, 1, KEY_LIST)) === 0;
      if (opened !== undefined && !isSame) throw new Error('what nobody has sealed is opened');
    },
  },
  {
    name: 'sealed packet of a stream',
    corpus: [SEALED_PACKET],
    check: (bytes) => {
      const opened = new StreamOpener(STREAM_KEY, 7).open(bytes, Buffer.alloc(bytes.length));
      // The last byte names the key, and is looked at before.
      const isSame = Buffer.compare(bytes.subarray(0, -1), SEALED_PACKET.subarray(0, -1)) === 0;
      if (typeof opened === 'number' && !isSame) throw new Error('what nobody has sealed is opened');
    },
  },
  {
    name: 'digest of a stream',
    corpus: [SIGNED_DIGEST],
    check: (bytes) => {
      const taken = new TakenDigests({
        streamOf: (ssrc) => (ssrc === 1 ? { owner: 'A', stream: 'camera' } : undefined),
        signerOf: () => DIGEST_SIGNER,
        onFaulty: () => undefined,
        onForged: () => undefined,
      });
      taken.isForged(1, 7, SEALED_PACKET, 'R', 0);
      const digests = readStreamDigests(bytes);
      for (const digest of digests) taken.take(digest, 'R', 0);
      // The head says who passes it on, and is not signed.
      const isSame = digests.some(
        ({ packet }) => Buffer.compare(packet.subarray(12), SIGNED_DIGEST.subarray(12)) === 0,
      );
      const { genuine, forged } = taken.counts;
      if (genuine + forged > 0 && !isSame) throw new Error('what nobody has signed is believed');
    },
  },
  {
    name: 'identity file',
    corpus: [encoder.encode(writeIdentity(freshIdentity()))],
    check: (bytes) => {
      const identity = readIdentity(decoder.decode(bytes));
      if (identity !== undefined && identity.publicKey.length !== 43) throw new Error('a key of another length');
    },
  },
  {
    name: 'known members',
    corpus: [encoder.encode(JSON.stringify({ members: [{ id: 'A', key: KEY, refused: [KEY] }] }))],
    check: (bytes) => {
      try {
        knownIn(decoder.decode(bytes), 'file');
      } catch (error) {
        if (!(error instanceof IdentityError)) throw error;
      }
    },
  },
  {
    name: 'running call',
    corpus: [
      encoder.encode(JSON.stringify({ pid: 1, room: 'r', id: 'A', members: [{ id: 'A', epoch: 1, key: KEY }] })),
    ],
    check: (bytes) => void parseCall(decoder.decode(bytes)),
  },
];
