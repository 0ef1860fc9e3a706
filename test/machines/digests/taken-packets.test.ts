/** What was played, held against what its source tells of it: in any order, late, or not at all. Virtual time. */
import test from 'ava';
import { type Finding, TakenPackets, type Told } from '../../../machines/digests/taken-packets.ts';
import { DELAYS } from '../../../machines/timers.ts';

/** The source's clock, when ours is at 0. */
const SOURCE_MS = 5_000_000;
/** From the source to us, in ms. */
const WAY_MS = 40;
const PACKET_MS = 20;

const digestOf = (index: number) => 1_000_000 + index;

/** A source that sends a voice from 0 on until a time, and tells of it each quarter of a second. */
class Source {
  readonly #packetMs: number;
  #told = 0;
  #index = 0;

  readonly #untilMs: number;

  constructor(untilMs: number, packetMs = PACKET_MS) {
    this.#untilMs = untilMs;
    this.#packetMs = packetMs;
  }

  /** What it tells at this time on our clock. */
  tell(nowMs: number): Told {
    const packets = [];
    while (this.#index * this.#packetMs < Math.min(nowMs, this.#untilMs))
      packets.push({ index: this.#index, digest: digestOf(this.#index++) });
    return { number: ++this.#told, writtenMs: SOURCE_MS + nowMs, highest: Math.max(0, this.#index - 1), packets };
  }
}

interface Room {
  readonly forgedAt?: (index: number) => boolean;
  readonly lost?: (index: number) => boolean;
  /** How long digests take beside packets, in ms; infinity: they are lost. */
  readonly digestsLater?: (number: number) => number;
  /** What somebody makes up, beside what is sent: at which time, under which index. */
  readonly madeUp?: readonly { readonly atMs: number; readonly index: number }[];
  readonly forMs?: number;
  readonly packetMs?: number;
}

/** What is found, and when; the source is asked where something lacks, and answers in two ways. */
function play({ forgedAt, lost, digestsLater, madeUp = [], forMs = 4000, packetMs }: Room) {
  const taken = new TakenPackets<string>();
  const source = new Source(forMs, packetMs);
  const events: { readonly atMs: number; readonly run: (nowMs: number) => readonly Finding<string>[] }[] = [];
  const kept: Told[] = [];
  let asked = 0;
  const at = (atMs: number, run: (nowMs: number) => readonly Finding<string>[]) => events.push({ atMs, run });
  for (let index = 0; index * (packetMs ?? PACKET_MS) < forMs; index++) {
    if (lost?.(index)) continue;
    const digest = digestOf(index) + (forgedAt?.(index) ? 1 : 0);
    const hop = forgedAt?.(index) ? 'forger' : 'relay';
    at(index * (packetMs ?? PACKET_MS) + WAY_MS, (nowMs) => taken.take(index, digest, hop, nowMs));
  }
  for (const { atMs, index } of madeUp) at(atMs, (nowMs) => taken.take(index, 7, 'forger', nowMs));
  for (let toldMs = 100; toldMs < forMs + DELAYS.digestInterval; toldMs += DELAYS.digestInterval) {
    at(toldMs, () => {
      const told = source.tell(toldMs);
      kept.push(told);
      const later = digestsLater?.(told.number) ?? 0;
      if (later < Number.POSITIVE_INFINITY) at(toldMs + WAY_MS + later, (nowMs) => taken.told(told, nowMs));
      return [];
    });
  }
  const answer = (after: number, nowMs: number) => {
    asked++;
    at(nowMs + WAY_MS, () => {
      kept.push(source.tell(nowMs + WAY_MS));
      for (const told of kept.filter(({ number }) => number > after))
        at(nowMs + 2 * WAY_MS, (answeredMs) => taken.told(told, answeredMs));
      return [];
    });
  };
  for (let checkMs = 0; checkMs < forMs + 3000; checkMs += DELAYS.digestInterval / 2) {
    at(checkMs, (nowMs) => {
      const findings = taken.check(nowMs);
      const after = taken.lacks(nowMs);
      if (after !== undefined) answer(after, nowMs);
      return findings;
    });
  }
  const found = new Map<string, number>();
  const forgedMs: number[] = [];
  const named = new Set<string>();
  while (events.length > 0) {
    const next = events.reduce((first, each) => (each.atMs < first.atMs ? each : first));
    events.splice(events.indexOf(next), 1);
    for (const each of next.run(next.atMs)) {
      const { hop, finding } = each;
      const packets = each.finding === 'forged' ? each.indices.length : each.packets;
      found.set(finding, (found.get(finding) ?? 0) + packets);
      if (finding === 'forged') [forgedMs.push(next.atMs), named.add(hop)];
    }
  }
  return { found: Object.fromEntries(found), forgedMs, named: [...named], asked };
}

test('what the source has sent is genuine, and nobody is asked', (t) => {
  t.deepEqual(play({}), { found: { genuine: 200 }, forgedMs: [], named: [], asked: 0 });
});

test('a packet in the place of another is seen within a second of its coming, and who brought it', (t) => {
  const { found, forgedMs, named } = play({ forgedAt: (index) => index === 50 });
  t.deepEqual(found, { genuine: 199, forged: 1 });
  t.deepEqual(named, ['forger']);
  t.true((forgedMs[0] ?? Number.NaN) - (50 * PACKET_MS + WAY_MS) < 1000);
});

test('so is it where the digest is lost, and has to be asked for', (t) => {
  for (let number = 2; number < 6; number++) {
    const { found, forgedMs, asked } = play({
      forgedAt: (index) => index === 50,
      digestsLater: (each) => (each === number ? Number.POSITIVE_INFINITY : 0),
    });
    t.deepEqual(found, { genuine: 199, forged: 1 }, `digest ${number}`);
    t.true((forgedMs[0] ?? Number.NaN) - (50 * PACKET_MS + WAY_MS) < 1000, `digest ${number}`);
    t.true(asked > 0);
  }
});

test('and where the first ones are lost, before anything else was told', (t) => {
  for (const lost of [1, 2, 3]) {
    const { found, forgedMs, asked } = play({
      forgedAt: (index) => index === 5,
      digestsLater: (number) => (number <= lost ? Number.POSITIVE_INFINITY : 0),
    });
    t.deepEqual(found, { genuine: 199, forged: 1 }, `${lost} lost`);
    t.true((forgedMs[0] ?? Number.NaN) - (5 * PACKET_MS + WAY_MS) < 1000, `${lost} lost: ${forgedMs[0]}`);
    t.true(asked > 0);
  }
});

test('and where no digest comes at all but those that were asked for', (t) => {
  const { found, forgedMs, named } = play({
    forgedAt: (index) => index % 10 === 0 && index > 0,
    digestsLater: () => Number.POSITIVE_INFINITY,
  });
  t.deepEqual(named, ['forger']);
  t.true((forgedMs[0] ?? Number.NaN) < 1000 + 10 * PACKET_MS + WAY_MS);
  t.true((found.forged ?? 0) > 10);
});

test('what the source never sent is seen within a second: ahead of it, far ahead, and while it is silent', (t) => {
  for (const index of [60, 5000, 60_000]) {
    const { found, forgedMs } = play({ madeUp: [{ atMs: 1010, index }], lost: (each) => each === index });
    t.is(found.forged, 1, `index ${index}`);
    t.true((forgedMs[0] ?? Number.NaN) - 1010 < 1000, `index ${index}: ${forgedMs[0]}`);
  }
  const silent = play({ madeUp: [{ atMs: 1010, index: 3 }], packetMs: 1e9 });
  t.is(silent.found.forged, 1);
  t.true((silent.forgedMs[0] ?? Number.NaN) - 1010 < 1000);
});

test('one in the past, under a number that was never sent or never came, is known at once', (t) => {
  const { found, forgedMs } = play({ lost: (index) => index === 20, madeUp: [{ atMs: 1500, index: 20 }] });
  t.deepEqual(found, { genuine: 199, forged: 1 });
  t.deepEqual(forgedMs, [1500]);
});

test('nobody is named where digests are slow, lost, or out of order', (t) => {
  for (let seed = 1; seed <= 40; seed++) {
    const chance = (number: number) => ((number * 2_654_435_761 + seed * 40_503) >>> 0) / 2 ** 32;
    const { found, named } = play({
      lost: (index) => chance(index + 1000) < 0.1,
      digestsLater: (number) => (chance(number) < 0.2 ? Number.POSITIVE_INFINITY : 400 * chance(number + 77)),
    });
    t.deepEqual(named, [], `seed ${seed}`);
    t.is(found.unchecked ?? 0, 0, `seed ${seed}`);
  }
});

test('where nothing is told, though it is asked for, nothing is known; and it is not asked all the time', (t) => {
  const taken = new TakenPackets<string>();
  let asked = 0;
  const found: Finding<string>[] = [];
  for (let nowMs = 0; nowMs < 4000; nowMs += PACKET_MS) {
    if (nowMs < 1000) taken.take(nowMs / PACKET_MS, 1, 'relay', nowMs);
    found.push(...taken.check(nowMs));
    if (taken.lacks(nowMs) !== undefined) asked++;
  }
  t.is(found.length, 50);
  t.true(found.every(({ finding }) => finding === 'unchecked'));
  t.true(asked <= 4000 / DELAYS.digestAskAgain, `${asked} times`);
});

test('it keeps no more than a bound of what nobody tells of, however much comes', (t) => {
  const taken = new TakenPackets<string>();
  let given = 0;
  for (let index = 0; index < 20_000; index++) given += taken.take(index, 1, 'relay', 0).length;
  t.is(given, 20_000 - 8192);
});

test('what has been told is not told again', (t) => {
  const taken = new TakenPackets<string>();
  const told = { number: 4, writtenMs: 0, highest: 1, packets: [{ index: 1, digest: 5 }] };
  t.false(taken.knows(4));
  taken.told(told, 0);
  t.true(taken.knows(4));
  t.deepEqual(taken.told({ ...told, packets: [{ index: 1, digest: 6 }] }, 0), []);
  t.deepEqual(taken.take(1, 5, 'relay', 1), [{ hop: 'relay', finding: 'genuine', packets: 1 }]);
});

/** As many numbers as it says, of which it tells by the first of its digests that comes. */
function toldFrom(number: number, from: number, to: number): Told {
  const packets = Array.from({ length: to - from + 1 }, (_, each) => ({
    index: from + each,
    digest: digestOf(from + each),
  }));
  return { number, writtenMs: SOURCE_MS + number * DELAYS.digestInterval, highest: to, packets };
}

test('what is made up under a number before the first that its source ever sent is seen', (t) => {
  const taken = new TakenPackets<string>();
  taken.take(60, 7, 'forger', DELAYS.digestInterval);
  const found = [1, 2, 3].flatMap((number) => {
    const nowMs = number * DELAYS.digestInterval + WAY_MS;
    return [...taken.told(toldFrom(number, 100 * number, 100 * number + 9), nowMs), ...taken.check(nowMs)];
  });
  t.deepEqual(found, [{ hop: 'forger', finding: 'forged', indices: [60] }]);
});

test('what comes long after nobody can know of it any more is too late; what was told of is not', (t) => {
  const taken = new TakenPackets<string>();
  taken.told(toldFrom(5, 100, 109), 0);
  const later = DELAYS.digestPatience;
  t.false(taken.isTooLate(99, later - 1), 'it may have been on its way');
  t.true(taken.isTooLate(99, later));
  t.false(taken.isTooLate(105, later));
  t.false(taken.isTooLate(110, later));
});
