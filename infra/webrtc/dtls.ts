/**
 * DTLS 1.2 as the server of one page, to agree on the keys of SRTP (RFC 5764). werift does the handshake; what it is given, and whether
 * its end is believed, is decided here.
 */
import type { DtlsServer } from 'werift';
import { type MasterKey, SRTP_PROFILES } from '../srtp/profile.ts';
import type { Certificate, Werift } from './certificate.ts';
import { type DtlsRecord, RECORD_HEADER_BYTES, RECORD_TYPE, readRecords } from './dtls-records.ts';
import { HandshakePieces } from './handshake-pieces.ts';
import { flawOf, type HandshakeMessage } from './handshake-proof.ts';
import type { Fingerprint } from './offer.ts';

/** A handshake takes about ten datagrams, with all its repeats fifty: more is no handshake. */
const MOST_DATAGRAMS = 256;
/** Beyond all flights: werift repeats nothing any more. */
const ENDED_FLIGHT = 99;
/** Flights of the handshake (RFC 6347 section 4.2.4) in which the messages are that both ends sign. */
const SIGNED_FLIGHTS = [4, 5];
/** close_notify, a warning (RFC 5246 section 7.2). */
const CLOSE_NOTIFY = Buffer.of(1, 0);
const DTLS_1_2 = 0xfefd;

export interface DtlsKeys {
  readonly local: MasterKey;
  readonly remote: MasterKey;
}

export interface DtlsOptions {
  readonly werift: Werift;
  readonly certificate: Certificate;
  readonly send: (datagram: Uint8Array) => void;
  /** Once, when the page has proved itself. */
  readonly onConnected: (keys: DtlsKeys) => void;
  /** Once: it cannot go on, and why, for a person; null: the page has said that it goes. */
  readonly onEnded: (flaw: string | null) => void;
}

export class Dtls {
  readonly #options: DtlsOptions;
  readonly #server: DtlsServer;
  readonly #transport;
  #state: 'handshake' | 'connected' | 'ended' = 'handshake';
  #datagrams = 0;
  readonly #pieces = new HandshakePieces();
  #expected: Fingerprint | null = null;

  constructor(options: DtlsOptions) {
    this.#options = options;
    const { werift, certificate, send } = options;
    this.#transport = {
      type: 'udp',
      address: { address: '127.0.0.1', family: 'IPv4', port: 0 },
      closed: false,
      onData: (_data: Buffer) => {
        // The server puts its own reader here.
      },
      send: async (data: Buffer) => send(data),
      close: async () => undefined,
    };
    this.#server = new werift.DtlsServer({
      cert: certificate.certificate,
      key: certificate.key,
      signatureHash: certificate.signatureHash,
      transport: this.#transport,
      srtpProfiles: SRTP_PROFILES.map(({ number }) => number),
      extendedMasterSecret: true,
      certificateRequest: true,
    });
    this.#server.onConnect.subscribe(() => this.#whenConnected());
    this.#server.onError.subscribe((error) => this.#end(`the DTLS handshake failed: ${error.message ?? error}`));
  }

  /** Whose certificate the page has to have. */
  expect(fingerprint: Fingerprint): void {
    this.#expected = fingerprint;
  }

  /** Whether the datagram was DTLS that can be of use now. */
  take(datagram: Uint8Array): boolean {
    const records = readRecords(datagram);
    if (records === undefined || this.#state === 'ended' || this.#expected === null) return false;
    if (this.#state === 'handshake' && ++this.#datagrams > MOST_DATAGRAMS) return false;
    // Not `every`: what stands beside a useless record is taken.
    return records.map((record) => this.#takeRecord(record)).includes(true);
  }

  /** Tells the page that this end goes. */
  close(): void {
    if (this.#server.cipher.cipher !== undefined && this.#state !== 'ended') this.#sendAlert();
    this.#state = 'ended';
    this.#server.dtls.flight = ENDED_FLIGHT;
  }

  #takeRecord({ type, epoch, bytes, fragment }: DtlsRecord): boolean {
    if (type === RECORD_TYPE.alert) return this.#takeAlert(epoch, bytes, fragment);
    // Once connected only the encrypted end of the handshake may come again, because our answer to it was lost.
    const isOfUse = this.#state === 'connected' ? type === RECORD_TYPE.handshake && epoch === 1 : epoch <= 1;
    if (!isOfUse || type === RECORD_TYPE.applicationData || (epoch === 1 && this.#server.cipher.cipher === undefined)) {
      return false;
    }
    const whole = type === RECORD_TYPE.handshake && epoch === 0 ? this.#pieces.take(bytes) : [Buffer.from(bytes)];
    try {
      for (const each of whole) this.#transport.onData(each);
    } catch {
      // werift throws for some of what is well formed and makes no sense.
      return false;
    }
    return true;
  }

  /** Alerts count when they are encrypted: anybody can write the others. */
  #takeAlert(epoch: number, bytes: Buffer, fragment: Buffer): boolean {
    if (this.#state !== 'connected' || epoch !== 1) return false;
    try {
      this.#server.cipher.decryptPacket(plaintextOf(RECORD_TYPE.alert, sequenceOf(bytes), fragment));
    } catch {
      // Not from the page: its tag is wrong.
      return false;
    }
    // Whatever it says: browsers send none that is meant to be survived.
    this.#end(null);
    return true;
  }

  #whenConnected(): void {
    if (this.#state !== 'handshake' || this.#expected === null) return;
    const { dtls, cipher, srtp } = this.#server;
    const messages = SIGNED_FLIGHTS.flatMap((flight) => messagesOf(dtls.handshakeCache[flight]?.data ?? []));
    const { masterSecret, remoteCertificate: certificate } = cipher;
    const profile = SRTP_PROFILES.find(({ number }) => number === srtp.srtpProfile);
    const flaw = flawOf({ messages, masterSecret, certificate }, this.#expected);
    if (flaw !== undefined || profile === undefined) {
      this.#end(flaw ?? 'it has no SRTP profile that we know');
      return;
    }
    const keys = this.#server.extractSessionKeys(profile.keyBytes, profile.saltBytes);
    this.#state = 'connected';
    this.#options.onConnected({
      local: { profile, key: keys.localKey, salt: keys.localSalt },
      remote: { profile, key: keys.remoteKey, salt: keys.remoteSalt },
    });
  }

  #end(flaw: string | null): void {
    if (this.#state === 'ended') return;
    this.close();
    this.#options.onEnded(flaw);
  }

  #sendAlert(): void {
    const { dtls, cipher } = this.#server;
    dtls.recordSequenceNumber += 1;
    const record = cipher.encryptPacket(plaintextOf(RECORD_TYPE.alert, dtls.recordSequenceNumber, CLOSE_NOTIFY));
    const header = Buffer.alloc(RECORD_HEADER_BYTES);
    header.writeUInt8(RECORD_TYPE.alert, 0);
    header.writeUInt16BE(DTLS_1_2, 1);
    header.writeUInt16BE(1, 3);
    header.writeUIntBE(dtls.recordSequenceNumber, 5, 6);
    header.writeUInt16BE(record.fragment.length, 11);
    this.#options.send(Buffer.concat([header, record.fragment]));
  }
}

type Plaintext = Parameters<DtlsServer['cipher']['decryptPacket']>[0];
type Fragment = DtlsServer['dtls']['sortedHandshakeCache'][number];

/** What of werift's record its cipher reads. */
function plaintextOf(contentType: number, sequenceNumber: number, fragment: Buffer): Plaintext {
  const protocolVersion = { major: DTLS_1_2 >>> 8, minor: DTLS_1_2 & 0xff };
  const recordLayerHeader = { contentType, protocolVersion, epoch: 1, sequenceNumber, contentLen: fragment.length };
  return { recordLayerHeader, fragment } as Plaintext;
}

function sequenceOf(record: Buffer): number {
  return record.readUIntBE(5, 6);
}

function messagesOf(fragments: readonly Fragment[]): HandshakeMessage[] {
  const inOrder = [...fragments].sort((one, other) => one.message_seq - other.message_seq);
  return inOrder.map((each) => ({ type: each.msg_type, body: each.fragment, bytes: each.serialize() }));
}
