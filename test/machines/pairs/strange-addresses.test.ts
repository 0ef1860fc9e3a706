/** A member that names a stranger's address, again and again, has each other member check it now and then. */
import test from 'ava';
import { Pairing } from '../../../machines/pairs/pairing.ts';

const STRANGER = { kind: 'host', host: '192.0.2.1', port: 443 } as const;
const OWN = { kind: 'host', host: '192.0.2.7', port: 5000 } as const;
const SECONDS = 10;
const EVERYBODY = Array.from({ length: 8 }, (_, index) => `p${index}`);

/** What one member checks in ten seconds, by address, while one of eight names these every 40 ms, each time under a new number. */
function checksOf(self: string, named: (turn: number) => readonly (typeof STRANGER | typeof OWN)[]) {
  let transactions = 0;
  const newTransaction = () => String(transactions++);
  const pairing = new Pairing({ self: { id: self, epoch: 1 }, newTransaction, luck: () => 0.5 });
  const members = EVERYBODY.filter((peer) => peer !== self).map((peer) => {
    return { peer, epoch: 2, nat: 'unknown', isBeside: false, claim: null } as const;
  });
  pairing.follow(members, 0);
  const sent: { readonly host: string; readonly atMs: number }[] = [];
  for (let nowMs = 0; nowMs < SECONDS * 1000; nowMs += 10) {
    const turn = nowMs / 40;
    if (Number.isInteger(turn)) pairing.named('p7', { generation: turn, candidates: [...named(turn)] }, nowMs);
    for (const { to } of pairing.due(nowMs).checks) sent.push({ host: to.host, atMs: nowMs });
  }
  return sent;
}

/** The most that come to an address in any second. */
function busiest(sent: readonly { readonly host: string; readonly atMs: number }[], host: string): number {
  const times = sent.flatMap((check) => (check.host === host ? [check.atMs] : [])).sort((a, b) => a - b);
  return Math.max(0, ...times.map((first) => times.filter((atMs) => atMs >= first && atMs < first + 1000).length));
}

const NAMINGS = {
  'the same again and again': () => [STRANGER],
  'now one and now the other': (turn: number) => [turn % 2 === 0 ? STRANGER : OWN],
  'nothing in between': (turn: number) => (turn % 2 === 0 ? [STRANGER] : []),
} as const;

for (const [how, named] of Object.entries(NAMINGS)) {
  test(`${how}: no more than 20 checks come to it in a second, of seven together`, (t) => {
    const sent = EVERYBODY.slice(0, 7).flatMap((self) => checksOf(self, named));
    const most = busiest(sent, STRANGER.host);
    t.true(most > 0 && most <= 20, `${most} checks in a second`);
  });
}
