import test from 'ava';
import { writeBandwidthEstimate } from '../../infra/rtcp/bandwidth-estimate.ts';

test('a rate is written as a mantissa of 18 bits and its exponent', (t) => {
  const packet = writeBandwidthEstimate(0x01020304, 20_000_000, [0xaabbccdd]);
  // 20,000,000 = 156,250 * 2^7.
  t.is(
    Buffer.from(packet).toString('hex'),
    `8fce0005${'01020304'}${'00000000'}${'52454d42'}${'011e625a'}${'aabbccdd'}`,
  );
});

test('a small rate needs no exponent', (t) => {
  const view = new DataView(writeBandwidthEstimate(1, 1000, []).buffer);
  t.is(view.getUint32(16), 1000);
});
