import test from 'ava';
import fc from 'fast-check';
import { ADDRESS_BYTES } from '../../infra/path/batched/message-block.ts';
import { writeAddress } from '../../infra/path/batched/socket-address.ts';
import { PathError } from '../../infra/path/errors.ts';
import { AddressBook, mappedAddressBytes, normalizeHost } from '../../infra/path/table/addresses.ts';

const RUNS = { numRuns: 2000 };
const PORT = 5000;

/** The eight groups of an IPv6 address, with many zeros, as real ones have, and many that hold an IPv4 address. */
const group = fc.oneof(fc.constant(0), fc.constant(0xffff), fc.nat(0xffff));
const groups = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .chain((all) => fc.constantFrom(all, [0, 0, 0, 0, 0, 0xffff, ...all.slice(6)], [0, 0, 0, 0, 0, 0, ...all.slice(6)]));

/** How a group may be written (RFC 4291 section 2.2): with zeros in front or without, in small letters or capitals. */
const digits = (value: number) =>
  fc
    .constantFrom(...[1, 2, 3, 4].map((width) => value.toString(16).padStart(width, '0')))
    .chain((text) => fc.constantFrom(text, text.toUpperCase()));

const dotted = (high: number, low: number) => [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');

/** Any way to write an address: `::` for any run of zero groups or for none, the last two groups as IPv4, and IPv4 by itself. */
const spelling = (all: readonly number[]) => {
  const runs = all.flatMap((_, first) =>
    all.slice(first).flatMap((_, count) => {
      const end = first + count + 1;
      return all.slice(first, end).every((value) => value === 0) ? [[first, end] as const] : [];
    }),
  );
  return fc
    .tuple(fc.tuple(...all.map(digits)), fc.constantFrom(null, ...runs), fc.boolean())
    .map(([texts, run, asFour]) => {
      const tail = asFour && (run === null || run[1] <= 6);
      const written: string[] = tail ? [...texts.slice(0, 6), dotted(all[6] ?? 0, all[7] ?? 0)] : texts;
      return run === null
        ? written.join(':')
        : `${written.slice(0, run[0]).join(':')}::${written.slice(run[1]).join(':')}`;
    });
};

const isMapped = (all: readonly number[]) => all.slice(0, 5).every((value) => value === 0) && all[5] === 0xffff;

const spelled = groups.chain((all) =>
  fc.record({
    all: fc.constant(all),
    host: isMapped(all) ? fc.oneof(fc.constant(dotted(all[6] ?? 0, all[7] ?? 0)), spelling(all)) : spelling(all),
  }),
);

/** What the system sends to on a socket of both families. */
function sockaddr(host: string): string {
  const bytes = Buffer.alloc(ADDRESS_BYTES);
  writeAddress(bytes.buffer, bytes.byteOffset, { host, port: PORT }, true);
  return bytes.toString('hex');
}

test('all spellings of one address are one endpoint, and two addresses are two', (t) => {
  fc.assert(
    fc.property(spelled, spelled, (one, two) => {
      const book = new AddressBook();
      const ids = [one, two].map(({ host }) => book.add({ host, port: PORT }));
      const isSame = one.all.join() === two.all.join();
      t.is(ids[0] === ids[1], isSame);
      t.is(normalizeHost(one.host) === normalizeHost(two.host), isSame);
      t.is(sockaddr(one.host) === sockaddr(two.host), isSame);
    }),
    RUNS,
  );
  fc.assert(
    fc.property(
      groups.chain((all) => fc.tuple(spelling(all), spelling(all))),
      ([one, two]) => {
        const book = new AddressBook();
        t.is(book.add({ host: one, port: PORT }), book.add({ host: two, port: PORT }), `${one} and ${two}`);
      },
    ),
    RUNS,
  );
});

test('whatever is taken for an address has one form, which is taken for the same', (t) => {
  const letters = fc.string({ unit: fc.constantFrom(...'0123456789abcdefABCDEFx.:%/[] '), maxLength: 24 });
  fc.assert(
    fc.property(
      fc.oneof(
        letters,
        fc.string(),
        spelled.map(({ host }) => host),
      ),
      (text) => {
        try {
          const host = normalizeHost(text);
          t.is(normalizeHost(host), host);
          t.deepEqual(mappedAddressBytes(host), mappedAddressBytes(text));
        } catch (error) {
          t.true(error instanceof PathError && error.code === 'address.invalid', `${text}: ${error}`);
        }
      },
    ),
    RUNS,
  );
});
