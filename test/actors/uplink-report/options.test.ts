import test from 'ava';
import { UsageError } from '../../../actors/options/options.ts';
import { parseUplinkOptions, type UplinkOptions } from '../../../actors/options/uplink.ts';
import { SERVING } from '../../../actors/uplink-report/agreed.ts';

function read(line: string): UplinkOptions {
  const parsed = parseUplinkOptions(line === '' ? [] : line.split(' '), {});
  if ('help' in parsed) throw new Error('help');
  return parsed.options;
}

test('whoever measures shows nothing, wants nothing and lends nothing, under an id of its own', (t) => {
  const { peer, ...does } = read('--room tea --with S --up-to 5m --json');
  t.deepEqual(does, { does: 'measure', with: 'S', json: true });
  t.like(peer, {
    room: 'tea',
    uploadBps: null,
    lendBps: 0,
    wants: [],
    streams: [],
    probes: { with: 'S', upToBps: 5e6 },
  });
  t.regex(peer.id, /^line-\w{1,4}$/);
});

test('whoever serves says so, and how much it takes', (t) => {
  t.like(read('--serve').peer, { downloadBps: 50e6, program: { software: SERVING } });
  const { does, peer } = read('--serve --accept 8m --id S');
  t.deepEqual([does, peer.id, peer.downloadBps, peer.probes], ['serve', 'S', 8e6, undefined]);
});

for (const [line, message] of [
  ['--serve --with B', /leave out --with/],
  ['--serve --up-to 5m', /leave out --with/],
  ['--accept 5m', /--accept goes with --serve/],
  ['--up-to 5', /Did you mean 5mbit/],
  ['--upload 5m', /unknown option/],
] as const)
  test(`${line} is a mistake`, (t) => {
    t.throws(() => read(line), { instanceOf: UsageError, message });
  });
