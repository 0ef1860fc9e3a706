/** Any message that we may write, as fast-check draws it. */
import fc from 'fast-check';
import { normalizeHost } from '../../infra/path/table/addresses.ts';
import { CLASS_BITS, METHODS, type StunClass, type StunMessage, type StunMethod } from '../../infra/stun/message.ts';

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const host = fc.oneof(fc.ipV4(), fc.ipV6()).map(normalizeHost);
const address = fc.record({ host, port: fc.integer({ min: 1, max: 0xffff }) });
const family = fc.constantFrom('ipv4', 'ipv6');

export const anyMessage: fc.Arbitrary<StunMessage> = fc.record(
  {
    class: fc.constantFrom(...(Object.keys(CLASS_BITS) as StunClass[])),
    method: fc.constantFrom(...(Object.keys(METHODS) as StunMethod[])),
    transactionId: fc.uint8Array({ minLength: 12, maxLength: 12 }).map((id) => Buffer.from(id).toString('hex')),
    username: text,
    realm: text,
    nonce: text,
    software: text,
    mappedAddress: address,
    error: fc.record({ code: fc.integer({ min: 300, max: 699 }), reason: text }),
    unknownAttributes: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 5 }),
    serial: word,
    peerAddress: address,
    data: fc.uint8Array({ maxLength: 20 }),
    relayedAddresses: fc.array(address, { minLength: 1, maxLength: 2 }),
    alternateServer: address,
    requestedFamily: family,
    additionalFamily: family,
    draftAdditionalFamily: family,
    lifetimeS: word,
    channel: fc.integer({ min: 0x4000, max: 0x4fff }),
    requestedTransport: fc.integer({ min: 0, max: 0xff }),
  },
  { requiredKeys: ['class', 'method', 'transactionId'] },
);
