/** What a change of keys, and a newcomer, cost: packets and time. */
import { setTimeout as delay } from 'node:timers/promises';
import { readSequence } from '../../../infra/rtp/header.ts';
import { KeyTurns } from '../../../machines/keys/key-turns.ts';
import { rtpPacket, until } from '../../path/rig.ts';
import { CAMERA, cameraTo, mediaParty } from '../../sealed/media-party.ts';
import { median } from '../median.ts';
import type { Figures } from './contract.ts';

const CHANGES = 100;
const PACKETS = 100_000;
/** As many as make the changes follow each other as fast as they may. */
const PACKETS_A_TICK = 2;
const PAYLOAD_BYTES = 200;
const JOINS = 9;
const MEMBERS = 50;

/** What is to be undone when a case has ended. */
export class Endings implements AsyncDisposable {
  readonly #endings: (() => unknown)[] = [];

  teardown(end: () => unknown): void {
    this.#endings.push(end);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const end of this.#endings.reverse()) await end();
  }
}

const packet = (number: number) => rtpPacket({ ssrc: CAMERA, sequence: number & 0xffff, payload: PAYLOAD_BYTES });

/** C comes and goes all the time, so that keys change as fast as they may; B must get all there is. */
export async function underLoad(signal: AbortSignal): Promise<Figures> {
  await using endings = new Endings();
  const party = await mediaParty(endings, ['A', 'B', 'C']);
  const [a, b] = [party.of('A'), party.of('B')];
  const all = a.transport.table.members;
  const epochs: number[] = [];
  let got = 0;
  let sent = 0;
  let isThere = false;
  while (sent < PACKETS || epochs.length <= CHANGES) {
    signal.throwIfAborted();
    if (sent % 100 === 0) {
      isThere = !isThere;
      const holders = isThere ? ['B', 'C'] : ['B'];
      a.apply({ own: [cameraTo(['B'], holders)], members: isThere ? all : all.filter(({ peer }) => peer !== 'C') });
    }
    for (let each = 0; each < PACKETS_A_TICK; each++) a.transport.send('camera', packet(sent++));
    const epoch = a.transport.path.stored(CAMERA, (sent - 1) & 0xffff)?.at(-1);
    if (epoch !== undefined && epoch !== epochs.at(-1)) epochs.push(epoch);
    await delay(1);
    got += b.played.splice(0).length;
  }
  await delay(500);
  got += b.played.splice(0).length;
  return { cpuRatio: null, lost: sent - got, ms: null };
}

/** How long it takes from when the source knows of a newcomer until that plays something, beside a stream in the clear. */
export async function joining(signal: AbortSignal): Promise<Figures> {
  const more: number[] = [];
  for (let join = 0; join < JOINS; join++) {
    signal.throwIfAborted();
    more.push((await firstPlayedMs(true)) - (await firstPlayedMs(false)));
  }
  return { cpuRatio: null, lost: null, ms: Math.max(0, median(more)) };
}

async function firstPlayedMs(isSealed: boolean): Promise<number> {
  await using endings = new Endings();
  const party = await mediaParty(endings, ['A', 'B']);
  const [a, b] = [party.of('A'), party.of('B')];
  if (!isSealed) for (const peer of [a, b]) peer.apply({ members: inTheClear(peer.transport.table.members) });
  const members = isSealed ? {} : { members: inTheClear(a.transport.table.members) };
  const sinceMs = performance.now();
  a.apply({ own: [cameraTo(['B'], isSealed ? ['B'] : [])], ...members });
  let sent = 0;
  await until(() => {
    a.transport.send('camera', packet(sent++));
    return b.played.length > 0;
  });
  return readSequence(b.played[0] ?? packet(0)) >= 0 ? performance.now() - sinceMs : Number.NaN;
}

export function inTheClear<Of extends { readonly isSealed: boolean }>(members: readonly Of[]): Of[] {
  return members.map((member) => ({ ...member, isSealed: false }));
}

/** One of fifty leaves: the messages that all the others send, and the time until the last uses other keys. Virtual time. */
export async function leaving(): Promise<Figures> {
  const ids = Array.from({ length: MEMBERS }, (_, index) => `P${index}`);
  const [gone = '', ...rest] = ids;
  const room = (peers: readonly string[]) => new Map(peers.map((peer) => [peer, 1]));
  let messages = 0;
  let lastMs = 0;
  for (const id of rest) {
    const turns = new KeyTurns();
    const others = ids.filter((other) => other !== id);
    turns.follow([{ ssrc: 1, holders: others }], room(others), 0);
    turns.due(0);
    const { epoch } = turns;
    const left = others.filter((other) => other !== gone);
    turns.follow([{ ssrc: 1, holders: left }], room(left), 0);
    while (turns.epoch === epoch) {
      lastMs = Math.max(lastMs, turns.dueMs);
      const { alone, toAll } = turns.due(turns.dueMs);
      messages += alone.length + (toAll ? 1 : 0);
    }
  }
  if (messages > 3 * MEMBERS) throw new Error(`${messages} messages were sent`);
  return { cpuRatio: null, lost: 0, ms: lastMs };
}
