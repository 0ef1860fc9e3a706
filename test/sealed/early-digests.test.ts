/** Whoever has just come has not proved yet by which key it signs: what is made up of its streams until then is seen all the same. */
import test from 'ava';
import { SentDigests } from '../../actors/media/digests/sent-digests.ts';
import { TakenDigests } from '../../actors/media/digests/taken-digests.ts';
import { freshIdentity, signed, verifierOf } from '../../infra/crypto/identity-key.ts';
import { readStreamDigests } from '../../infra/rtcp/stream-digest.ts';
import type { FaultyHop } from '../../machines/digests/hop-faults.ts';
import { DELAYS } from '../../machines/timers.ts';

const SSRC = 5;
const FIRST = 1000;

/** A owns the stream, and R brings it; {@link Newcomer.prove} says by which key A signs. */
class Newcomer {
  readonly faults: FaultyHop[] = [];
  readonly taken: TakenDigests;
  readonly #identity = freshIdentity();
  readonly #sent = new SentDigests((bytes) => signed(this.#identity, bytes));
  #isProven = false;

  constructor() {
    const verifier = verifierOf(this.#identity.publicKey);
    this.taken = new TakenDigests({
      streamOf: () => ({ owner: 'A', stream: 'camera' }),
      signerOf: () => (this.#isProven && verifier !== undefined ? { verifier, context: new Uint8Array(0) } : undefined),
      onFaulty: (faulty) => this.faults.push(faulty),
      onForged: () => undefined,
    });
    this.#sent.follow(new Set([SSRC]));
  }

  prove(): void {
    this.#isProven = true;
  }

  /** A sends this; R brings something else under its number, if it is to. */
  brings(index: number, nowMs: number, isForged = false): void {
    const packet = Buffer.alloc(100, index);
    this.#sent.sent(SSRC, index, packet);
    if (isForged) packet.fill(0xee);
    this.taken.isForged(SSRC, index, packet, 'R', nowMs);
  }

  tells(nowMs: number): void {
    for (const { bytes } of this.#sent.write(SSRC, nowMs)) {
      const datagram = Uint8Array.from(bytes);
      for (const digest of readStreamDigests(datagram)) this.taken.take(digest, 'R', nowMs);
      // What was read of a datagram is gone with it.
      datagram.fill(0);
    }
  }
}

test('what was told and brought before it was known who signs is held against each other then', (t) => {
  const room = new Newcomer();
  room.brings(FIRST, 0);
  room.brings(FIRST + 1, 20, true);
  room.tells(250);
  room.taken.check(300);
  t.deepEqual(room.faults, []);
  room.prove();
  room.taken.check(425);
  t.deepEqual(room.faults, [{ owner: 'A', stream: 'camera', via: 'R', fault: 'forged' }]);
  t.deepEqual(room.taken.counts, { genuine: 1, forged: 1, unchecked: 0, unsigned: 0 });
});

test('of one that never shows by which key it signs nothing is counted, and nothing is kept for long', (t) => {
  const room = new Newcomer();
  for (let nowMs = 0; nowMs < 3 * DELAYS.digestGiveUp; nowMs += 20) {
    room.brings(FIRST + nowMs / 20, nowMs);
    if (nowMs % DELAYS.digestInterval === 0) room.tells(nowMs);
    room.taken.check(nowMs);
  }
  t.deepEqual(room.faults, []);
  t.deepEqual(room.taken.counts, { genuine: 0, forged: 0, unchecked: 0, unsigned: 0 });
});
