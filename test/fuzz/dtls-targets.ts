/** DTLS of a page, or of a stranger: before a handshake, and in the middle of one. */
import { loadWerift, makeCertificate } from '../../infra/webrtc/certificate.ts';
import { Dtls } from '../../infra/webrtc/dtls.ts';
import {
  HANDSHAKE_HEADER_BYTES,
  RECORD_HEADER_BYTES,
  RECORD_TYPE,
  readRecords,
} from '../../infra/webrtc/dtls-records.ts';
import { HandshakePieces } from '../../infra/webrtc/handshake-pieces.ts';
import type { Target } from './play.ts';

/** Datagrams that three hellos are answered by: a flight has five at most. */
const MOST_FLIGHTS = 15;
/** Whose certificate the page would have to have. */
const CERTIFICATE = { hash: 'sha256', value: Buffer.alloc(32, 7) } as const;

const werift = await loadWerift();
const certificate = await makeCertificate(werift);

/** A ClientHello with use_srtp, as werift writes it. */
const HELLO = Buffer.from(
  [
    '16fefd00000000000000010062010000560000000000000056fefd6b096559efe755e65b44a925afcdaffc0ef26e18aabc24bf42177e0cff52',
    'a84600000004c02bc02f01000028000e000700040007000100000a00060004001d0017000d000600040401040300170000ff01000100',
  ].join(''),
  'hex',
);
/** Where the hello has its cookie's length: behind two headers, version, random and an empty session. */
const COOKIE_AT = 60;
/** Where a HelloVerifyRequest has it: behind two headers and a version. */
const ASKED_COOKIE_AT = 27;

/** The hello with the cookie that was asked for (RFC 6347 section 4.2.1). */
function helloWith(verifyRequest: Uint8Array): Buffer {
  const cookie = verifyRequest.subarray(
    ASKED_COOKIE_AT + 1,
    ASKED_COOKIE_AT + 1 + (verifyRequest[ASKED_COOKIE_AT] ?? 0),
  );
  const head = Buffer.from(HELLO.subarray(0, COOKIE_AT + 1));
  const body = Buffer.concat([head, cookie, HELLO.subarray(COOKIE_AT + 1)]);
  body[COOKIE_AT] = cookie.length;
  const length = body.length - RECORD_HEADER_BYTES;
  body.writeUInt16BE(length, 11);
  body.writeUIntBE(length - HANDSHAKE_HEADER_BYTES, 14, 3);
  body.writeUInt16BE(1, 17);
  body.writeUIntBE(length - HANDSHAKE_HEADER_BYTES, 22, 3);
  return body;
}

/** The hello as two pieces, the second first (RFC 6347 section 4.2.3). */
function inPieces(hello: Buffer): Buffer {
  const headers = RECORD_HEADER_BYTES + HANDSHAKE_HEADER_BYTES;
  const middle = headers + 30;
  const piece = (from: number, to: number) => {
    const record = Buffer.concat([hello.subarray(0, headers), hello.subarray(from, to)]);
    record.writeUInt16BE(HANDSHAKE_HEADER_BYTES + to - from, 11);
    record.writeUIntBE(from - headers, 19, 3);
    record.writeUIntBE(to - from, 22, 3);
    return record;
  };
  return Buffer.concat([piece(middle, hello.length), piece(headers, middle)]);
}

/** What somebody says who has not proved to be the page is answered by little, and connects nobody. */
function checkDtls(bytes: Uint8Array): void {
  for (const hasGreeted of [false, true]) {
    const sent: Uint8Array[] = [];
    const dtls = new Dtls({
      ...{ werift, certificate },
      send: (datagram) => void sent.push(datagram),
      onConnected: () => {
        throw new Error('connected without a handshake');
      },
      onEnded: () => undefined,
    });
    dtls.expect(CERTIFICATE);
    if (hasGreeted) {
      dtls.take(HELLO);
      dtls.take(helloWith(sent[0] ?? new Uint8Array(0)));
    }
    const before = sent.length;
    for (let time = 0; time < 3; time += 1) dtls.take(Uint8Array.from(bytes));
    if (sent.length - before > MOST_FLIGHTS) throw new Error(`${sent.length - before} datagrams answered`);
    dtls.close();
  }
  const pieces = new HandshakePieces();
  for (const { type, epoch, bytes: record } of readRecords(bytes) ?? []) {
    if (type !== RECORD_TYPE.handshake || epoch !== 0) continue;
    if (pieces.take(record).some((whole) => readRecords(whole)?.length !== 1)) throw new Error('whole, and no record');
  }
}

export const DTLS_TARGETS: readonly Target[] = [
  {
    name: 'page dtls',
    corpus: [
      ...[HELLO, helloWith(Buffer.alloc(60, 20)), inPieces(HELLO)],
      // An alert; change_cipher_spec; an encrypted end of the handshake (RFC 6347 section 4.1).
      ...[
        '15fefd000000000000000000020228',
        '14fefd0000000000000000000101',
        `16fefd00010000000000000020${'5a'.repeat(32)}`,
        // certificate, client_key_exchange, certificate_verify, of which only the outside is right.
        `16fefd0000000000000002001d0b00001100010000000000110000 0e00000b${'30'.repeat(11)}`,
        `16fefd0000000000000003002e10000022000200000000002221${'04'.repeat(33)}`,
        `16fefd000000000000000400180f00000c000300000000000c04030008${'30'.repeat(8)}`,
      ].map((hex) => Buffer.from(hex.replaceAll(' ', ''), 'hex')),
    ],
    check: checkDtls,
  },
];
