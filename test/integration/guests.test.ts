/** Guests of a call as plain RTP endpoints: what is played of them when they come back, after an outage, and what is kept when they have gone. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { Call } from '../../actors/call/call.ts';
import { Journal } from '../../actors/journal/journal.ts';
import { parsePeerOptions } from '../../actors/options/options.ts';
import { connectNats } from '../../infra/nats/connection.ts';
import { startNatsServer } from '../../infra/nats/server.ts';
import { COPY_AGE_MS, RESTART_MS } from '../../infra/path/decision/sequence-window.ts';
import { readSequence, readSsrc } from '../../infra/rtp/header.ts';
import { encodeMessage, type Outgoing } from '../../machines/messages.ts';
import { heldBytes } from '../actors/held-bytes.ts';
import { UdpPlayer } from '../actors/udp-player.ts';
import { LOOPBACK, rtpPacket } from '../path/rig.ts';

interface Logged {
  readonly event: string;
  readonly other?: string;
  readonly to?: string;
  readonly advertise?: string;
}

/** A call of `B` that plays everybody, and the place where guests stand. */
async function open() {
  const server = await startNatsServer();
  const sdpFolder = await mkdtemp(join(tmpdir(), 'rpr-guests-'));
  let events: Logged[] = [];
  let wake: () => void = () => undefined;
  const lines = {
    write: (line: string) => {
      events.push(JSON.parse(line) as Logged);
      wake();
    },
  };
  const journal = new Journal({ peer: 'B', lines, now: () => performance.now() });
  const args = ['--id', 'B', '--nats', server.url, '--source', 'none', '--sink', `sdp:${sdpFolder}`];
  const parsed = parsePeerOptions([...args, '--identity', 'none']);
  if (!('options' in parsed)) throw new Error('these are options of a call');
  const call = await Call.open(parsed.options, journal);
  const nats = await connectNats({ url: server.url, id: 'guests' });
  const socket = createSocket('udp4');
  socket.bind(0, LOOPBACK);
  await once(socket, 'listening');
  /** The next event of this kind about `other`; it and all before it are forgotten. */
  const next = async (event: string, other?: string): Promise<Logged> => {
    for (;;) {
      const at = events.findIndex((each) => each.event === event && each.other === other);
      const found = events[at];
      events = events.slice(at + 1);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  const { advertise = '' } = await next('peer.started');
  const port = Number(advertise.split(':')[1]);
  return {
    ...{ call, next, nats },
    media: { host: LOOPBACK, port: socket.address().port },
    send: (packet: Uint8Array) => socket.send(packet, port, LOOPBACK),
    async [Symbol.asyncDispose]() {
      await call.close();
      await nats.close();
      await server[Symbol.asyncDispose]();
      socket.close();
      await rm(sdpFolder, { recursive: true });
    },
  };
}

type Rig = Awaited<ReturnType<typeof open>>;

/** One start of a guest with one camera. */
class Guest {
  readonly #rig: Rig;
  readonly #id: string;
  readonly #ssrc: number;
  readonly #epoch: number;
  #seq = 0;

  constructor(rig: Rig, id: string, ssrc: number, epoch = 1) {
    this.#rig = rig;
    this.#id = id;
    this.#ssrc = ssrc;
    this.#epoch = epoch;
  }

  /** @returns the port at which it plays */
  async join(): Promise<number> {
    this.invite();
    const { to = '' } = await this.#rig.next('sink.opened', this.#id);
    return Number(to.split(':')[1]);
  }

  invite(): void {
    const stream = { name: 'camera', ssrc: this.#ssrc, payloadType: 96, codec: 'VP8/90000', fmtp: '' };
    const rates = { minBps: 1e5, maxBps: 1e5, rateBps: 1e5 };
    this.#say({
      kind: 'invite',
      body: {
        ...{ name: 'Gast', software: 'guest', version: '1', compatible: false, media: this.#rig.media, known: [] },
        ...{ key: null, outside: null, wants: 'all', plain: 'local' },
        streams: [{ ...stream, media: 'video', ...rates, group: null, layer: 0 }],
      },
    });
  }

  show(...sequences: readonly number[]): void {
    for (const sequence of sequences) this.#rig.send(rtpPacket({ ssrc: this.#ssrc, sequence }));
  }

  async leave(): Promise<void> {
    this.#say({ kind: 'bye', body: { reason: 'left' } });
    await this.#rig.next('sink.closed', this.#id);
  }

  #say(message: Outgoing): void {
    const text = encodeMessage(message, this.#epoch, ++this.#seq);
    this.#rig.nats.publish(`rpr.v2.main.${this.#id}.all.${message.kind}`, new TextEncoder().encode(text));
  }
}

test('a running player shows a guest again that has gone and started anew', async (t) => {
  await using rig = await open();
  const first = new Guest(rig, 'X', 11);
  const port = await first.join();
  await using player = await UdpPlayer.open(port);
  first.show(500);
  await player.took(1);
  await first.leave();
  await new Guest(rig, 'Y', 99).join();
  const second = new Guest(rig, 'X', 12, 2);
  t.is(await second.join(), port);
  second.show(7, 8);
  const played = await player.took(3);
  t.deepEqual(played.map(readSsrc), [11, 11, 11]);
  t.deepEqual(played.map(readSequence), [500, 501, 502]);
});

test('a guest that starts anew under its SSRC without a word is played at once, whatever it counts', async (t) => {
  await using rig = await open();
  const first = new Guest(rig, 'X', 11);
  await using player = await UdpPlayer.open(await first.join());
  first.show(500, 501, 502);
  await player.took(3);
  const second = new Guest(rig, 'X', 11, 2);
  second.invite();
  await rig.next('member.joined', 'X');
  second.show(501);
  t.is((await player.took(4)).length, 4);
});

for (const lost of [40_000, 62_000]) {
  test(`after an outage of ${lost} packets all that comes of a guest is played but for the first`, async (t) => {
    await using rig = await open();
    const guest = new Guest(rig, 'X', 11);
    await using player = await UdpPlayer.open(await guest.join());
    const show = async (from: number, count: number) => {
      for (let index = 0; index < count; index++) {
        guest.show((from + index) & 0xffff);
        await player.took(player.received.length + 1);
      }
    };
    await show(0, 200);
    // The rule is about this time; timers may be early by a millisecond.
    await delay(COPY_AGE_MS + 10);
    guest.show((200 + lost) & 0xffff);
    await delay(RESTART_MS + 10);
    await show(201 + lost, 199);
    t.is(player.received.length, 399);
    t.deepEqual(
      player.received.map(readSequence),
      Array.from({ length: 399 }, (_, index) => index),
    );
  });
}

/** What a guest may leave behind, in bytes: a place in the sink, the last of its warnings. */
const LEFT_BEHIND = 8000;
const WARM_UP = 40;
const GUESTS = 160;

test('of guests that come, show something and go hardly anything is kept', async (t) => {
  await using rig = await open();
  const comeAndGo = async (number: number) => {
    const guest = new Guest(rig, `guest-${number}`, 1000 + number);
    await using player = await UdpPlayer.open(await guest.join());
    guest.show(1, 2, 3);
    await player.took(3);
    rig.call.status();
    await guest.leave();
  };
  for (let number = 0; number < WARM_UP; number++) await comeAndGo(number);
  const before = heldBytes();
  for (let number = WARM_UP; number < WARM_UP + GUESTS; number++) await comeAndGo(number);
  const each = (heldBytes() - before) / GUESTS;
  t.true(each < LEFT_BEHIND, `${Math.round(each)} bytes each`);
});
