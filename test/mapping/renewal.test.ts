/** When a router is asked for our port, by what, and when again. */
import test from 'ava';
import type { MappingMethod } from '../../infra/mapping/contract.ts';
import { MAPPING_METHODS } from '../../infra/mapping/contract.ts';
import { OWN_PORT } from './questions.ts';
import { HOUR_MS, MINUTE_MS, RenewalPlay } from './renewal-play.ts';

/** Of the methods, mapped. */
function mappedBy(...speaks: readonly MappingMethod[]): RenewalPlay {
  const play = new RenewalPlay();
  play.router.speaks = speaks;
  play.start();
  play.advance(10);
  play.router.takeAsked();
  return play;
}

test('all three are asked at once, and only the first that answers makes a mapping', (t) => {
  const play = new RenewalPlay();
  play.start();
  t.deepEqual(play.router.takeAsked(), ['PCP probe', 'NAT-PMP probe', 'UPnP probe']);
  play.advance(10);
  t.deepEqual(play.router.takeAsked(), ['PCP map']);
  t.deepEqual(play.renewal.state, {
    type: 'mapped',
    mapped: { host: '20.0.0.1', port: OWN_PORT, by: 'PCP', scope: 'public' },
  });
});

for (const method of MAPPING_METHODS) {
  test(`a router that speaks ${method} alone maps by it`, (t) => {
    t.like(mappedBy(method).renewal.state, { type: 'mapped', mapped: { host: '20.0.0.1', by: method } });
  });

  test(`a mapping by ${method} is renewed at half its lifetime, with the port that it has`, (t) => {
    const play = mappedBy(method);
    play.router.port = 6000;
    play.advance(HOUR_MS / 2 - 20);
    t.false(play.router.takeAsked().includes(`${method} map`));
    play.advance(40);
    t.deepEqual(play.router.takeAsked(), [`${method} map`]);
    t.like(play.renewal.state, { mapped: { port: 6000 } });
    play.router.port = null;
    play.advance(HOUR_MS / 2);
    t.like(play.renewal.state, { mapped: { port: 6000 } });
  });

  test(`a port other than the one asked for, by ${method}, is the one that is told`, (t) => {
    const play = new RenewalPlay();
    play.router.speaks = [method];
    play.router.port = 6000;
    play.start();
    play.advance(10);
    t.like(play.renewal.state, { type: 'mapped', mapped: { host: '20.0.0.1', port: 6000 } });
  });

  test(`in doubt, a mapping by ${method} is looked at at once, and made again where it is gone`, (t) => {
    const play = mappedBy(method);
    play.advance(10_000);
    play.doubt();
    play.advance(10);
    t.deepEqual(play.router.takeAsked(), [`${method} look`]);
    play.router.restart(play.nowMs);
    play.advance(10_000);
    play.doubt();
    play.advance(10);
    t.deepEqual(play.router.takeAsked(), [`${method} look`, `${method} map`]);
    t.true(play.router.holds);
  });

  test(`a router that has restarted is asked by ${method} for the mapping again, at the next look`, (t) => {
    const play = mappedBy(method);
    play.advance(MINUTE_MS + 10_000);
    play.router.takeAsked();
    play.router.restart(play.nowMs);
    play.advance(MINUTE_MS / 2);
    t.deepEqual(play.router.takeAsked(), [`${method} look`, `${method} map`]);
    t.true(play.router.holds);
  });

  test(`a mapping by ${method} is taken away at the end`, (t) => {
    const play = mappedBy(method);
    play.close();
    t.deepEqual(play.router.takeAsked(), [`${method} unmap`]);
    t.false(play.renewal.isClosed);
    play.advance(10);
    t.true(play.renewal.isClosed);
  });
}

for (const method of ['NAT-PMP', 'UPnP'] as const) {
  test(`an outside address that has changed is noticed by ${method} at the next look`, (t) => {
    const play = mappedBy(method);
    play.router.host = '20.0.0.2';
    play.advance(MINUTE_MS / 2 + 20);
    t.like(play.renewal.state, { type: 'mapped', mapped: { host: '20.0.0.2' } });
  });
}

test('by PCP a changed outside address is noticed as a restart, as the protocol has it', (t) => {
  const play = mappedBy('PCP');
  play.router.host = '20.0.0.2';
  play.router.restart(play.nowMs);
  play.advance(MINUTE_MS / 2 + 20);
  t.like(play.renewal.state, { type: 'mapped', mapped: { host: '20.0.0.2' } });
});

test('where no router answers that is said within 3.5 s, and tried again ever more slowly', (t) => {
  const play = mappedBy();
  play.advance(3400);
  t.like(play.renewal.state, { type: 'none' });
  play.advance(2 * HOUR_MS);
  const probes = play.router.asked.filter(({ method }) => method === 'PCP').map(({ atMs }) => atMs);
  // Each try is some probes in a row.
  const tries = probes.filter((atMs, index) => atMs - (probes[index - 1] ?? 0) > 10_000);
  const pausesMin = tries.map((atMs, index) => Math.round((atMs - (tries[index - 1] ?? 0)) / MINUTE_MS));
  t.deepEqual(pausesMin, [1, 2, 4, 8, 16, 16, 16, 16, 16, 16]);
});

test('a router that is there later is found', (t) => {
  const play = mappedBy();
  play.advance(10_000);
  play.router.speaks = ['NAT-PMP'];
  play.advance(MINUTE_MS);
  t.like(play.renewal.state, { type: 'mapped', mapped: { by: 'NAT-PMP' } });
});

test('in doubt, a router that was not there is asked at once, and one that is being asked is not asked twice', (t) => {
  const play = mappedBy();
  play.advance(10_000);
  play.router.takeAsked();
  for (let times = 0; times < 5; times += 1) play.doubt();
  t.deepEqual(play.router.takeAsked(), ['PCP probe', 'NAT-PMP probe', 'UPnP probe']);
});

test('in doubt, a router that no longer answers is no longer believed', (t) => {
  const play = mappedBy('PCP');
  play.router.speaks = [];
  play.advance(MINUTE_MS);
  t.like(play.renewal.state, { type: 'mapped' }, 'without doubt it may be busy');
  play.doubt();
  play.advance(3100);
  t.like(play.renewal.state, { type: 'asking' });
});

test('a doubt that is answered is over', (t) => {
  const play = mappedBy('PCP');
  play.doubt();
  play.advance(10);
  play.router.speaks = [];
  play.advance(MINUTE_MS);
  t.like(play.renewal.state, { type: 'mapped' });
});

test('a mapping that lasts no time at all is none, and does not end the one that is wanted', (t) => {
  const play = new RenewalPlay();
  play.router.speaks = ['PCP'];
  play.router.lifetimeS = 0;
  play.start();
  play.advance(3500);
  t.deepEqual(play.renewal.state, {
    type: 'none',
    refusals: [
      { method: 'PCP', reason: 'failed' },
      { method: 'NAT-PMP', reason: 'silent' },
      { method: 'UPnP', reason: 'silent' },
    ],
  });
  const mapped = mappedBy('PCP');
  mapped.hear({ type: 'unmapped', method: 'PCP' });
  t.like(mapped.renewal.state, { type: 'mapped' });
  t.is(mapped.renewal.unasked, 1);
});

test('a router that takes long to describe itself is not too late', (t) => {
  const play = mappedBy();
  play.advance(4000);
  t.like(play.renewal.state, { type: 'none' });
  play.router.speaks = ['UPnP'];
  play.hear({ type: 'there', method: 'UPnP', epochS: null, host: null });
  play.advance(10);
  t.like(play.renewal.state, { type: 'mapped', mapped: { by: 'UPnP' } });
});

test('whoever refuses is passed over for the next, and all refusals are told', (t) => {
  const play = new RenewalPlay();
  play.router.refuses = { PCP: 'forbidden' };
  play.start();
  play.advance(10);
  t.like(play.renewal.state, { type: 'mapped', mapped: { by: 'NAT-PMP' } });
  const other = new RenewalPlay();
  other.router.refuses = { PCP: 'forbidden', 'NAT-PMP': 'full', UPnP: 'taken' };
  other.start();
  other.advance(20);
  t.deepEqual(other.renewal.state, {
    type: 'none',
    refusals: [
      { method: 'PCP', reason: 'forbidden' },
      { method: 'NAT-PMP', reason: 'full' },
      { method: 'UPnP', reason: 'taken' },
    ],
  });
});

test('a probe that gets lost is sent again', (t) => {
  const play = new RenewalPlay();
  play.router.speaks = [];
  play.start();
  play.router.speaks = ['NAT-PMP'];
  play.advance(255);
  t.like(play.renewal.state, { type: 'mapped' });
});

test('a private outside address is told as such', (t) => {
  for (const host of ['10.1.2.3', '192.168.5.5', '172.16.0.1', '100.64.0.1', '100.127.255.254']) {
    const play = new RenewalPlay();
    play.router.host = host;
    play.start();
    play.advance(10);
    t.like(play.renewal.state, { type: 'mapped', mapped: { host, scope: 'private' } });
  }
});

test('a router whose outside address is our own machine maps nothing', (t) => {
  const play = new RenewalPlay();
  play.router.host = '127.0.0.1';
  play.start();
  play.advance(20);
  t.like(play.renewal.state, { type: 'none', refusals: [{ method: 'PCP', reason: 'no-outside' }] });
});

test('a lifetime of a century is taken for a day, one of a second for none', (t) => {
  const long = new RenewalPlay();
  long.router.lifetimeS = 0xffff_ffff;
  long.start();
  long.advance(11 * HOUR_MS);
  long.router.takeAsked();
  long.advance(HOUR_MS + MINUTE_MS);
  t.is(long.router.takeAsked().filter((asked) => asked === 'PCP map').length, 1);
  const short = new RenewalPlay();
  short.router.lifetimeS = 1;
  short.start();
  short.advance(20);
  t.like(short.renewal.state, { type: 'none' });
});

test('a router that is silent when it is to renew is asked until the end, and then no longer believed', (t) => {
  const play = mappedBy('PCP');
  play.router.speaks = [];
  play.advance(HOUR_MS - 1000);
  t.like(play.renewal.state, { type: 'mapped' });
  t.true(play.router.takeAsked().filter((asked) => asked === 'PCP map').length > 4);
  play.advance(1000);
  t.like(play.renewal.state, { type: 'asking' });
});

test('a router that refuses to renew has no mapping, and is asked anew', (t) => {
  const play = mappedBy('PCP');
  play.router.refuses = { PCP: 'full' };
  play.advance(HOUR_MS / 2);
  t.like(play.renewal.state, { type: 'asking' });
  play.advance(4000);
  t.like(play.renewal.state, { type: 'none' });
});

test('what nobody asked for is counted, and changes nothing', (t) => {
  const play = mappedBy('PCP');
  const before = play.renewal.state;
  const grant = { epochS: 1, host: '66.66.66.66', port: 1, lifetimeS: 3600 };
  for (const method of MAPPING_METHODS) play.hear({ type: 'mapped', method, ...grant });
  play.hear({ type: 'refused', method: 'PCP', asked: 'map', reason: 'full' });
  play.hear({ type: 'there', method: 'PCP', epochS: 1, host: '66.66.66.66' });
  t.deepEqual(play.renewal.state, before);
  t.is(play.renewal.unasked, 5);
  t.deepEqual(play.router.takeAsked(), []);
});

test('a router whose clock jumps at each look is asked twice a minute, not more', (t) => {
  const play = mappedBy('PCP');
  for (let looks = 0; looks < 20; looks += 1) {
    play.router.restart(play.nowMs);
    play.advance(MINUTE_MS / 2);
  }
  t.true(play.router.takeAsked().length <= 2 * 21);
});

test('whoever leaves waits for a silent router no longer than 0.7 s, and for none without a mapping', (t) => {
  const play = mappedBy('PCP');
  play.router.speaks = [];
  play.close();
  play.advance(690);
  t.false(play.renewal.isClosed);
  t.deepEqual(play.router.takeAsked(), ['PCP unmap', 'PCP unmap']);
  play.advance(10);
  t.true(play.renewal.isClosed);
  const none = mappedBy();
  none.close();
  t.true(none.renewal.isClosed);
});
