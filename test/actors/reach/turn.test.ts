import test from 'ava';
import { TurnWatch, turnSentence } from '../../../actors/reach/turn/turn-news.ts';
import { turnClientFor } from '../../../actors/reach/turn/turn-server.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import type { TurnState } from '../../../infra/turn/contract.ts';

const IPV4: Endpoint = { host: '192.0.2.1', port: 3478 };
const IPV6: Endpoint = { host: '2001:db8::1', port: 3478 };
const ACCOUNT = { server: { host: 'turn.example', port: 3478 }, username: 'anna', password: 's3cret' };

/** Whom it asks first, and next where nobody answers. */
function asked(addresses: readonly Endpoint[], boundTo: string): readonly string[] {
  const client = turnClientFor(ACCOUNT, addresses, { host: boundTo, port: 5000 });
  if (client === null) return [];
  return [client.open(0), ...[200, 600, 1400, 3000].map((nowMs) => client.wake(nowMs))]
    .flatMap(({ datagrams }) => datagrams.map(({ to }) => to.host))
    .filter((host, index, hosts) => hosts.indexOf(host) === index);
}

test('of a TURN server those addresses are asked that the media socket can send to', (t) => {
  t.deepEqual(asked([IPV4, IPV6], '::'), [IPV4.host, IPV6.host]);
  t.deepEqual(asked([IPV4, IPV6], '0.0.0.0'), [IPV4.host]);
  t.deepEqual(asked([IPV4, IPV6], '2001:db8::7'), [IPV6.host]);
  t.deepEqual(asked([IPV6], '127.0.0.1'), []);
  t.deepEqual(asked([], '::'), []);
});

test('each change of the TURN server is told once, however often it is tried', (t) => {
  const watch = new TurnWatch();
  const silent: TurnState = { kind: 'failed', failure: { code: 'turn.silent', text: 'It does not answer.' } };
  const allocated: TurnState = { kind: 'allocated', relayed: [IPV4, IPV6], mapped: undefined };
  const states: readonly TurnState[] = [
    { kind: 'allocating' },
    silent,
    { kind: 'allocating' },
    silent,
    allocated,
    allocated,
    silent,
  ];
  const said = states.map((state) => watch.news(state)).filter((news) => news !== undefined);
  t.deepEqual(
    said.map(({ type }) => type),
    ['turn.failed', 'turn.allocated', 'turn.failed'],
  );
  t.regex(said.map(turnSentence)[1] ?? '', /192\.0\.2\.1:3478 and \[2001:db8::1\]:3478/);
});
