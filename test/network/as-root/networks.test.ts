/** Networks of several hosts, of both families, and behind two routers. */
import { Lab } from '../lab.ts';
import { at, mappedTo } from './nat-behaviour.ts';
import { netTest } from './net-test.ts';

const DELAY_MS = 4;

netTest('hosts of one LAN reach each other without their router, and without the delay of the internet', async (t) => {
  await using lab = await Lab.start({ delayMs: 200 });
  const nat = await lab.nat('port-restricted');
  const hosts = [await nat.host(), await nat.host(), await nat.host()] as const;
  const [a, b, c] = [await hosts[0].probe(), await hosts[1].probe(), await hosts[2].probe()];
  const since = performance.now();
  await a.send('to b', at(hosts[1], b));
  await a.send('to c', at(hosts[2], c));
  const heard = [await b.next(), await c.next()];
  t.deepEqual(
    heard.map(({ text, from }) => [text, from]),
    [
      ['to b', at(hosts[0], a)],
      ['to c', at(hosts[0], a)],
    ],
  );
  for (const { atMs } of heard) t.true(atMs - since < 200);
  t.is(await nat.remembered(), 0);
});

netTest('two hosts of one LAN with the same port are two outside', async (t) => {
  await using lab = await Lab.start({ delayMs: DELAY_MS });
  const open = await lab.host();
  await using outside = await open.probe();
  const nat = await lab.nat('port-restricted');
  const [first, second] = [await nat.host(), await nat.host()];
  await using a = await first.probe({ port: 5000 });
  await using b = await second.probe({ port: 5000 });
  t.notDeepEqual(await mappedTo(a, outside, open), await mappedTo(b, outside, open));
});

netTest('a home behind a carrier’s router is seen with the carrier’s address', async (t) => {
  await using lab = await Lab.start({ delayMs: DELAY_MS });
  const open = await lab.host();
  await using outside = await open.probe();
  const carrier = await lab.carrier();
  const home = await carrier.nat('port-restricted');
  await using probe = await (await home.host()).probe();
  t.is((await mappedTo(probe, outside, open)).host, carrier.ipv4);
  t.not(home.ipv4, carrier.ipv4);
});

netTest('IPv6 is not translated, and a router lets in only who has been spoken to', async (t) => {
  await using lab = await Lab.start({ delayMs: DELAY_MS });
  const known = await lab.host({ families: 'ipv6' });
  const stranger = await lab.host({ families: 'both' });
  const inside = await (await lab.nat('full-cone', { families: 'both' })).host();
  await using probe = await inside.probe({ family: 'ipv6' });
  await using spoken = await known.probe({ family: 'ipv6' });
  await using unspoken = await stranger.probe({ family: 'ipv6' });
  await probe.send('hello', { host: known.ipv6, port: spoken.port });
  const { from } = await spoken.next();
  t.deepEqual(from, { host: inside.ipv6, port: probe.port });
  await unspoken.send('knock', from);
  await spoken.send('ping', from);
  const early = await probe.until('ping');
  await probe.send('pong', { host: known.ipv6, port: spoken.port });
  await spoken.until('pong');
  await spoken.send('last', from);
  t.deepEqual([...early, ...(await probe.until('last'))], []);
});

netTest('a host of one family does not reach one of the other, and one of both reaches both', async (t) => {
  await using lab = await Lab.start({ delayMs: DELAY_MS });
  const old = await lab.host();
  const fresh = await lab.host({ families: 'ipv6' });
  const both = await lab.host({ families: 'both' });
  t.throws(() => old.ipv6, { message: /no IPv6/ });
  t.throws(() => fresh.ipv4, { message: /no IPv4/ });
  await using oldProbe = await old.probe();
  await using freshProbe = await fresh.probe({ family: 'ipv6' });
  await using four = await both.probe();
  await using six = await both.probe({ family: 'ipv6' });
  await oldProbe.send('by IPv4', at(both, four));
  await freshProbe.send('by IPv6', { host: both.ipv6, port: six.port });
  t.is((await four.next()).text, 'by IPv4');
  t.is((await six.next()).text, 'by IPv6');
  await using none = await old.probe({ family: 'ipv6' });
  await t.throwsAsync(none.send('lost', { host: both.ipv6, port: six.port }), { message: /ENETUNREACH|EADDRNOTAVAIL/ });
});
