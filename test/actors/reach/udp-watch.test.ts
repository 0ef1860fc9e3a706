/** When it may be said that our own network lets no UDP through, and when it may not. */
import test from 'ava';
import { type Asked, UdpWatch, udpSentence } from '../../../actors/reach/turn/udp-watch.ts';
import type { Reflexive } from '../../../infra/stun/client.ts';
import type { PairStatus } from '../../../machines/pairs/pairing.ts';

const SERVER = { host: '198.51.100.1', port: 3478 };
const OTHER = { host: '198.51.100.2', port: 3478 };
const ONLY_IPV6 = { host: '2001:db8::1', port: 3478 };
const SILENT = { kind: 'failed', error: null } as const;
const CHECKING: PairStatus = { state: 'checking', to: null, kind: null, rttMs: null, cut: null };
const CUT: PairStatus = { ...CHECKING, state: 'cut', cut: 'unanswered' };
const OPEN: PairStatus = { ...CHECKING, state: 'open', to: { host: '203.0.113.9', port: 5000 }, kind: 'reflexive' };
const LAN: PairStatus = { ...OPEN, to: { host: '192.168.1.9', port: 5000 }, kind: 'host' };

const asked = (changes: Partial<Asked> = {}): Asked => ({
  ...{ servers: [SERVER], reflexives: new Map([['198.51.100.1:3478', SILENT]]), turn: null },
  pairs: new Map([['B', CUT]]),
  ...changes,
});
const look = (changes: Partial<Asked> = {}) => new UdpWatch().look(asked(changes));

test('a server and a member that are silent, and nobody who answers: said once', (t) => {
  const watch = new UdpWatch();
  t.is(watch.look(asked({ pairs: new Map([['B', CHECKING]]) })), undefined);
  const news = watch.look(asked());
  t.deepEqual(news, { type: 'udp.blocked', asked: 2 });
  t.is(watch.look(asked()), undefined);
  t.regex(news ? udpSentence(news) : '', /^UDP does not get out of this network: none of 2 /);
  watch.networkChanged();
  t.deepEqual(watch.look(asked()), { type: 'udp.blocked', asked: 2 });
});

test('one who is silent alone may be down', (t) => {
  t.is(look({ pairs: new Map() }), undefined);
  t.is(look({ servers: [] }), undefined);
  t.truthy(
    look({
      servers: [],
      pairs: new Map([
        ['B', CUT],
        ['C', CUT],
      ]),
    }),
  );
  const turn = { kind: 'failed', failure: { code: 'turn.silent', text: '' } } as const;
  t.truthy(look({ pairs: new Map(), turn }));
});

test('whoever answers shows that UDP gets out', (t) => {
  const error = { code: 420, reason: '' };
  t.is(
    look({
      pairs: new Map([
        ['B', CUT],
        ['C', OPEN],
      ]),
    }),
    undefined,
  );
  t.is(
    look({
      servers: [SERVER, OTHER],
      reflexives: new Map<string, Reflexive>([
        ['198.51.100.1:3478', SILENT],
        ['198.51.100.2:3478', { kind: 'failed', error }],
      ]),
    }),
    undefined,
  );
  t.is(look({ turn: { kind: 'failed', failure: { code: 'turn.unauthorized', text: '' } } }), undefined);
});

test('members beside us do not show it, servers that only IPv6 reaches say nothing, nor do routers that refuse each other', (t) => {
  t.truthy(
    look({
      pairs: new Map([
        ['B', CUT],
        ['C', LAN],
      ]),
    }),
  );
  t.is(look({ servers: [ONLY_IPV6], reflexives: new Map([['[2001:db8::1]:3478', SILENT]]) }), undefined);
  t.is(look({ pairs: new Map([['B', { ...CUT, cut: 'nat' } as const]]) }), undefined);
});

test('members that have been reached and fall silent have reasons of their own', (t) => {
  const watch = new UdpWatch();
  const none = { servers: [], reflexives: new Map() };
  t.is(
    watch.look({
      ...none,
      turn: null,
      pairs: new Map([
        ['B', LAN],
        ['C', LAN],
      ]),
    }),
    undefined,
  );
  t.is(
    watch.look({
      ...none,
      turn: null,
      pairs: new Map([
        ['B', CUT],
        ['C', CUT],
      ]),
    }),
    undefined,
  );
});
