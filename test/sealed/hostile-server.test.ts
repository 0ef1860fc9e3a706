/**
 * A server that forges, replays, cuts, swaps, holds back and repeats what members say, seed after seed, and changes who is there: what is
 * heard is what its sender said, to whom it was said, once; and all who belong hear each other once the server stops.
 */
import test from 'ava';
import { freshIdentity } from '../../infra/crypto/identity-key.ts';
import { SecretKey } from '../../infra/crypto/secret-key.ts';
import { ALL } from '../../machines/subjects.ts';
import { Random } from '../simulation/world/random.ts';
import { freshKeys, freshKnown } from './keys.ts';
import { type Carried, Party } from './party.ts';

const SEEDS = 30;
const STEPS = 150;
const IDS = ['A', 'B', 'C'] as const;
/** Longer than any answer that is waited for, in ms. */
const STEP_MS = 400;
const KINDS = ['beat', 'profile', 'invite', 'relay.request', 'chat', 'pair.candidates'];

class HostileRoom {
  readonly #random: Random;
  readonly #room: SecretKey | null;
  /** Whoever starts anew has its key and remembers the others. */
  readonly #people = IDS.map((id) => ({ id, identity: freshIdentity(), known: freshKnown() }));
  readonly parties: Party[];
  /** What the server has seen, of earlier processes too. */
  readonly #seen: Carried[] = [];
  /** Of each that is heard: by whom, of which process. */
  readonly #heard = new Set<string>();
  readonly wrongs: string[] = [];
  #nowMs = 0;
  #epoch = 1;
  #count = 0;

  constructor(seed: number, room: SecretKey | null) {
    this.#random = new Random(seed);
    this.#room = room;
    this.parties = this.#people.map((_, index) => this.#start(index));
  }

  step(): void {
    this.#nowMs += this.#random.integer(0, STEP_MS);
    const at = this.#random.integer(0, IDS.length - 1);
    if (this.#random.chance(0.02)) this.parties[at] = this.#start(at);
    else if (this.#random.chance(0.5)) this.#carry(this.#said(this.#pick(this.parties)), 0.8);
    else this.#attack();
  }

  /** From now on all arrives; a process that is asked answers. */
  calm(): void {
    for (let round = 0; round < 12; round++) {
      this.#nowMs += 1_000;
      for (const party of this.parties) this.#carry(party.says(this.#words(party, ALL), ALL, 'beat'), 1);
    }
  }

  /** Who does not hear whom. */
  deaf(): string[] {
    return this.parties.flatMap((a) =>
      this.parties.flatMap((b) => {
        if (a === b) return [];
        const toAll = b.hears(a.says('x', ALL, 'beat'), this.#nowMs);
        const toOne = b.hears(a.says('x', b.id), this.#nowMs);
        return toAll === 'x' && toOne === 'x' ? [] : [`${b.id} does not hear ${a.id}`];
      }),
    );
  }

  #start(index: number): Party {
    const [first, ...others] = this.#people;
    const { id, identity, known } = others[index - 1] ?? first ?? NOBODY;
    this.#epoch += 1;
    return new Party(id, this.#epoch, { identity, room: this.#room, known });
  }

  /** The words say what is true of them. */
  #words(party: Party, to: string): string {
    this.#count += 1;
    return `${party.id} ${to} ${to === ALL ? 0 : party.opener.epochOf(to)} ${this.#count}`;
  }

  #said(party: Party): Carried {
    const to = this.#random.chance(0.5) ? ALL : this.#pick(IDS.filter((id) => id !== party.id));
    return party.says(this.#words(party, to), to, this.#pick(KINDS));
  }

  #carry(carried: Carried, chance: number): void {
    this.#seen.push(carried);
    if (this.#random.chance(chance)) this.#deliver(carried);
  }

  #deliver(carried: Carried): void {
    for (const party of this.parties) {
      const { from, to, kind } = carried.address;
      if (from === party.id || (to !== ALL && to !== party.id)) continue;
      const opened = party.opener.open(carried.address, carried.bytes, this.#nowMs);
      if (opened.ask) this.#prove(party, from);
      if (!('fault' in opened))
        this.#judge(party, { from, to, kind }, (JSON.parse(opened.text) as { words: string }).words);
    }
  }

  /** The question and its answer arrive, or the server keeps them too. */
  #prove(party: Party, from: string): void {
    const other = this.parties.find(({ id }) => id === from);
    if (other === undefined) return;
    this.#deliver(party.says(this.#words(party, from), from, 'prove'));
    this.#deliver(other.says(this.#words(other, party.id), party.id, 'proof'));
  }

  #judge(party: Party, { from, to, kind }: { from: string; to: string; kind: string }, words: string): void {
    const [sender, receiver, forEpoch] = words.split(' ');
    const wrong = (what: string) => this.wrongs.push(`${party.id}: ${what}: ${words} as ${from} ${to} ${kind}`);
    if (sender !== from) wrong('another said it');
    if (receiver !== to) wrong('it was said to another');
    const key = `${party.id} ${party.epoch} ${words}`;
    if (this.#heard.has(key)) wrong('twice');
    this.#heard.add(key);
    if (to !== ALL && Number(forEpoch) !== party.epoch) wrong('it was said to another process');
  }

  #pick<T>(from: readonly T[]): T {
    const one = from[this.#random.integer(0, from.length - 1)];
    if (one === undefined) throw new RangeError('nothing to choose from');
    return one;
  }

  #attack(): void {
    const [one, other] = [this.#pick(this.#seen), this.#pick(this.#seen)];
    const attacks: readonly (() => Carried)[] = [
      () => one,
      () => ({ ...one, bytes: this.#flipped(one.bytes) }),
      () => ({ ...one, bytes: one.bytes.subarray(0, this.#random.integer(0, one.bytes.length - 1)) }),
      () => ({ ...one, bytes: Buffer.concat([one.bytes, Uint8Array.of(0)]) }),
      () => ({ address: other.address, bytes: one.bytes }),
      () => this.#forged(),
    ];
    this.#deliver(this.#pick(attacks)());
  }

  #flipped(bytes: Uint8Array): Uint8Array {
    const at = this.#random.integer(0, bytes.length - 1);
    const changed = Uint8Array.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ (1 << this.#random.integer(0, 7));
    return changed;
  }

  /** As whoever holds no key of the id, and none of the room, may write it. */
  #forged(): Carried {
    const id = this.#pick(IDS);
    const to = this.#random.chance(0.5) ? ALL : this.#pick(IDS.filter((other) => other !== id));
    const room = this.#room === null ? null : FOREIGN;
    const mallory = new Party(id, this.#epoch + this.#random.integer(0, 3), freshKeys({ room }));
    const met = this.parties.find((party) => party.id === to);
    if (met !== undefined) mallory.hears(met.says('so that it is meant for this process'));
    return mallory.says(`mallory ${to} ${met?.epoch ?? 0} ${this.#count}`, to);
  }
}

const NOBODY = { id: '', identity: freshIdentity(), known: freshKnown() };
const ROOM_KEY = await SecretKey.of('of the room', 'r');
const FOREIGN = await SecretKey.of('of another', 'r');

for (const [name, key] of [
  ['an open room', null],
  ['a room with a key', ROOM_KEY],
] as const) {
  test(`${name} under a hostile server`, (t) => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const room = new HostileRoom(seed, key);
      // All have met before: in an open room whoever comes first with an id has it.
      room.calm();
      for (let step = 0; step < STEPS; step++) room.step();
      room.calm();
      t.deepEqual(room.wrongs, [], `seed ${seed}`);
      t.deepEqual(room.deaf(), [], `seed ${seed}`);
    }
  });
}
