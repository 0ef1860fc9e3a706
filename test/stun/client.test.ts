/** Asking servers from where they see us: what is sent when, what is believed, and what follows from the answers. */
import test from 'ava';
import type { Endpoint } from '../../infra/path/contract.ts';
import { endpointText } from '../../infra/path/table/addresses.ts';
import { mappingOf, type Reflexive, StunClient } from '../../infra/stun/client.ts';
import type { ReceivedStun, StunAttributes } from '../../infra/stun/message.ts';
import type { Outgoing } from '../../infra/stun/outgoing.ts';
import { readStun } from '../../infra/stun/read.ts';
import { GIVEN_UP_MS } from '../../infra/stun/transaction.ts';

const A: Endpoint = { host: '192.0.2.1', port: 3478 };
const B: Endpoint = { host: '2001:db8::1', port: 3478 };
const OURS: Endpoint = { host: '198.51.100.7', port: 40_000 };

/** Each transaction has the next number. */
function client(): StunClient {
  let last = 0;
  return new StunClient({ transactionId: () => (++last).toString(16).padStart(24, '0') });
}

function requests({ datagrams }: Outgoing): readonly { readonly to: string; readonly id: string }[] {
  return datagrams.map(({ to, bytes }) => ({ to: endpointText(to), id: readStun(bytes)?.transactionId ?? '' }));
}

function answerTo(outgoing: Outgoing | undefined, attributes: StunAttributes = { mappedAddress: OURS }): ReceivedStun {
  const request = readStun(outgoing?.datagrams[0]?.bytes ?? new Uint8Array(0));
  if (request === undefined) throw new Error('no request');
  const { method, transactionId } = request;
  const kind = attributes.error === undefined ? 'success' : 'error';
  const seen = { notUnderstood: [], hasIntegrity: false, hasFingerprint: true };
  return { class: kind, method, transactionId, ...attributes, ...seen };
}

/** All times at which something is sent, waking as is asked, and when it wants to wake after that. */
function sendTimes(stun: StunClient, first: Outgoing, untilMs: number): number[] {
  const times = first.datagrams.length > 0 ? [0] : [];
  let { wakeAtMs } = first;
  while (wakeAtMs !== undefined && wakeAtMs <= untilMs) {
    const nowMs = wakeAtMs;
    const outgoing = stun.wake(nowMs);
    if (outgoing.datagrams.length > 0) times.push(nowMs);
    ({ wakeAtMs } = outgoing);
  }
  return times;
}

test('each server is asked at once, and what it says is told', (t) => {
  const stun = client();
  const asked = stun.setServers([A, B], 0);
  t.deepEqual(
    requests(asked).map(({ to }) => to),
    ['192.0.2.1:3478', '[2001:db8::1]:3478'],
  );
  t.truthy(stun.take(answerTo(asked), A, 30));
  t.deepEqual(
    [...stun.reflexives],
    [
      ['192.0.2.1:3478', { kind: 'mapped', address: OURS }],
      ['[2001:db8::1]:3478', { kind: 'asking' }],
    ],
  );
});

test('the request is a plain one: no more than a header and a fingerprint', (t) => {
  const [datagram] = client().setServers([A], 0).datagrams;
  t.is(datagram?.bytes.length, 28);
});

test('a silent server is asked four times in 1.4 s, given up after 3 s, and asked again 25 s later', (t) => {
  const stun = client();
  t.deepEqual(sendTimes(stun, stun.setServers([A], 0), 29_000), [
    0,
    200,
    600,
    1400,
    GIVEN_UP_MS + 25_000,
    GIVEN_UP_MS + 25_200,
    GIVEN_UP_MS + 25_600,
  ]);
  t.is(GIVEN_UP_MS, 3000);
});

test('repeats are the same request, and an answer to any ends them', (t) => {
  const stun = client();
  const [first] = requests(stun.setServers([A], 0));
  const again = stun.wake(200);
  t.deepEqual(requests(again), [first]);
  t.deepEqual(stun.take(answerTo(again), A, 230), { datagrams: [], wakeAtMs: 25_230 });
  t.deepEqual(requests(stun.wake(600)), []);
});

test('after an answer the server is asked every 25 s, so that the router keeps the mapping, and the new answer counts', (t) => {
  const stun = client();
  stun.take(answerTo(stun.setServers([A], 0)), A, 30);
  t.deepEqual(requests(stun.wake(25_029)), []);
  const second = stun.wake(25_030);
  t.is(second.datagrams.length, 1);
  t.deepEqual(stun.reflexives.get('192.0.2.1:3478'), { kind: 'mapped', address: OURS });
  const moved = { ...OURS, port: 40_001 };
  stun.take(answerTo(second, { mappedAddress: moved }), A, 25_060);
  t.deepEqual(stun.reflexives.get('192.0.2.1:3478'), { kind: 'mapped', address: moved });
});

test('what a server said is not told any more once it is silent', (t) => {
  const stun = client();
  stun.take(answerTo(stun.setServers([A], 0)), A, 30);
  sendTimes(stun, stun.wake(25_030), 25_030 + GIVEN_UP_MS);
  t.deepEqual(stun.reflexives.get('192.0.2.1:3478'), { kind: 'failed', error: null });
});

test('an error is told, and the server asked again later', (t) => {
  const stun = client();
  const error = { code: 500, reason: 'Server Error' };
  t.is(stun.take(answerTo(stun.setServers([A], 0), { error }), A, 30)?.wakeAtMs, 25_030);
  t.deepEqual(stun.reflexives.get('192.0.2.1:3478'), { kind: 'failed', error });
});

test('only an answer of the server that was asked is believed, and only once', (t) => {
  const stun = client();
  const answer = answerTo(stun.setServers([A], 0));
  t.is(stun.take(answer, B, 30), undefined);
  t.is(stun.take(answer, { ...A, port: 3479 }, 30), undefined);
  t.is(stun.take({ ...answer, transactionId: 'f'.repeat(24) }, A, 30), undefined);
  t.is(stun.take({ ...answer, class: 'request' }, A, 30), undefined);
  t.is(stun.take({ ...answer, method: 'allocate' }, A, 30), undefined);
  t.is(stun.take({ ...answer, notUnderstood: [0x7777] }, A, 30), undefined);
  t.truthy(stun.take(answer, A, 30));
  t.is(stun.take({ ...answer, mappedAddress: B }, A, 40), undefined);
});

test('servers come and go, and what one that stays has said stands', (t) => {
  const stun = client();
  stun.take(answerTo(stun.setServers([A], 0)), A, 30);
  t.deepEqual(
    requests(stun.setServers([A, B], 100)).map(({ to }) => to),
    ['[2001:db8::1]:3478'],
  );
  t.like(stun.reflexives.get('192.0.2.1:3478'), { kind: 'mapped' });
  t.deepEqual(stun.setServers([], 200), { datagrams: [], wakeAtMs: undefined });
  t.is(stun.reflexives.size, 0);
});

test('after a change of the network all are asked at once, and an answer to an older request is not believed', (t) => {
  const stun = client();
  const before = answerTo(stun.setServers([A], 0));
  stun.take(before, A, 30);
  const late = answerTo(stun.wake(25_030));
  t.is(stun.askAnew(25_040).datagrams.length, 1);
  t.is(stun.take(late, A, 25_050), undefined);
  t.deepEqual(stun.reflexives.get('192.0.2.1:3478'), { kind: 'asking' });
});

test('a process that slept asks once, not as often as it missed', (t) => {
  const stun = client();
  stun.setServers([A], 0);
  t.is(stun.wake(100_000).datagrams.length, 1);
  t.is(stun.wake(100_001).datagrams.length, 0);
});

test('two servers that see the same address tell an independent mapping, two that do not a dependent one', (t) => {
  const seen = (host: string, port: number): Reflexive => ({ kind: 'mapped', address: { host, port } });
  const one = seen('198.51.100.7', 40_000);
  t.is(mappingOf([one, one], 'ipv4'), 'independent');
  t.is(mappingOf([one, one, seen('198.51.100.7', 40_001)], 'ipv4'), 'dependent');
  t.is(mappingOf([one, { kind: 'asking' }, { kind: 'failed', error: null }], 'ipv4'), undefined);
  t.is(mappingOf([one, seen('2001:db8::2', 40_000)], 'ipv4'), undefined);
  t.is(mappingOf([one, one], 'ipv6'), undefined);
});
