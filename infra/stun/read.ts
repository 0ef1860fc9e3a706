/** STUN messages from bytes that anybody may have sent. */
import { isUtf8 } from 'node:buffer';
import type { Endpoint } from '../path/contract.ts';
import { type AttributePlace, attributesOf, viewOf } from './attributes.ts';
import { isFingerprintRight } from './integrity.ts';
import {
  type AddressFamily,
  ATTRIBUTE,
  CLASS_BITS,
  FIRST_OPTIONAL,
  HEADER_BYTES,
  METHODS,
  type ReceivedStun,
  type StunAttributes,
  type StunClass,
  type StunError,
  type StunMethod,
} from './message.ts';
import { readAddress, readFamily, readXorAddress } from './xor-address.ts';

const CLASS_MASK = 0x110;
const TRANSACTION_ID_AT = 8;
/** RFC 8489 section 14.8: classes 3 to 6, numbers 0 to 99. */
const ERROR_HEAD_BYTES = 4;
const ERROR_CLASS_MASK = 0x7;

const CLASSES = new Map(Object.entries(CLASS_BITS).map(([name, bits]) => [bits as number, name as StunClass]));
const METHOD_NAMES = new Map(Object.entries(METHODS).map(([name, bits]) => [bits as number, name as StunMethod]));
/** What older servers tell beside XOR-MAPPED-ADDRESS: the plain address, the server's own, its second one (RFC 3489). */
const OLD_ADDRESSES: ReadonlySet<number> = new Set([0x0001, 0x0004, 0x0005]);

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };
type Found = Writable<StunAttributes>;

/**
 * Reads one datagram. Of an attribute that comes twice the first counts; what follows the MAC is not taken, because nothing
 * proves it (RFC 8489 section 14.5).
 *
 * @returns undefined for what is no STUN message, is longer than 548 bytes, holds more than 24 attributes or one that is not well
 * formed, has a method that is not ours, or a wrong FINGERPRINT
 */
export function readStun(bytes: Uint8Array): ReceivedStun | undefined {
  const places = attributesOf(bytes);
  if (places === undefined) return undefined;
  const type = viewOf(bytes).getUint16(0);
  const stunClass = CLASSES.get(type & CLASS_MASK);
  const method = METHOD_NAMES.get(type & ~CLASS_MASK);
  if (stunClass === undefined || method === undefined) return undefined;

  const found: Found = {};
  const notUnderstood: number[] = [];
  let hasIntegrity = false;
  let hasFingerprint = false;
  for (const place of places) {
    if (place.type === ATTRIBUTE.messageIntegrity || place.type === ATTRIBUTE.messageIntegritySha256) {
      hasIntegrity = true;
    } else if (place.type === ATTRIBUTE.fingerprint) {
      if (!isFingerprintRight(bytes, place)) return undefined;
      hasFingerprint = true;
    } else if (!hasIntegrity) {
      const outcome = take(found, bytes, place);
      if (outcome === 'malformed') return undefined;
      if (outcome === 'unknown' && place.type < FIRST_OPTIONAL) notUnderstood.push(place.type);
    }
  }
  const transactionId = Buffer.from(bytes.subarray(TRANSACTION_ID_AT, HEADER_BYTES)).toString('hex');
  return { class: stunClass, method, transactionId, ...found, notUnderstood, hasIntegrity, hasFingerprint };
}

type Outcome = 'taken' | 'unknown' | 'malformed';

function take(found: Found, bytes: Uint8Array, { type, at, length }: AttributePlace): Outcome {
  const value = bytes.subarray(at, at + length);
  switch (type) {
    case ATTRIBUTE.username:
      return put(found, 'username', readText(value));
    case ATTRIBUTE.realm:
      return put(found, 'realm', readText(value));
    case ATTRIBUTE.nonce:
      return put(found, 'nonce', readText(value));
    case ATTRIBUTE.software:
      return put(found, 'software', readText(value));
    case ATTRIBUTE.errorCode:
      return put(found, 'error', readError(value));
    case ATTRIBUTE.unknownAttributes:
      return put(found, 'unknownAttributes', readTypes(value));
    case ATTRIBUTE.xorMappedAddress:
      return put<Endpoint>(found, 'mappedAddress', readXorAddress(bytes, value));
    case ATTRIBUTE.xorPeerAddress:
      return put<Endpoint>(found, 'peerAddress', readXorAddress(bytes, value));
    case ATTRIBUTE.xorRelayedAddress:
      return putRelayed(found, readXorAddress(bytes, value));
    case ATTRIBUTE.alternateServer:
      return put<Endpoint>(found, 'alternateServer', readAddress(value));
    case ATTRIBUTE.data:
      return put(found, 'data', value);
    case ATTRIBUTE.serial:
      return put(found, 'serial', readWord(value));
    case ATTRIBUTE.lifetime:
      return put(found, 'lifetimeS', readWord(value));
    case ATTRIBUTE.channelNumber:
      return put(found, 'channel', value.length === 4 ? viewOf(value).getUint16(0) : undefined);
    case ATTRIBUTE.requestedTransport:
      return put(found, 'requestedTransport', value.length === 4 ? value[0] : undefined);
    case ATTRIBUTE.requestedFamily:
      return put<AddressFamily>(found, 'requestedFamily', readFamily(value));
    case ATTRIBUTE.additionalFamily:
      return put<AddressFamily>(found, 'additionalFamily', readFamily(value));
    case ATTRIBUTE.draftAdditionalFamily:
      return put<AddressFamily>(found, 'draftAdditionalFamily', readFamily(value));
    default:
      return OLD_ADDRESSES.has(type) ? 'taken' : 'unknown';
  }
}

function put<T>(found: Record<string, unknown>, name: keyof StunAttributes, value: T | undefined): Outcome {
  if (value === undefined) return 'malformed';
  found[name] ??= value;
  return 'taken';
}

/** The one attribute that comes twice: an address of each family. */
function putRelayed(found: Found, address: Endpoint | undefined): Outcome {
  if (address === undefined) return 'malformed';
  found.relayedAddresses = [...(found.relayedAddresses ?? []), address];
  return 'taken';
}

function readText(value: Uint8Array): string | undefined {
  return isUtf8(value) ? Buffer.from(value.buffer, value.byteOffset, value.length).toString() : undefined;
}

function readWord(value: Uint8Array): number | undefined {
  return value.length === 4 ? viewOf(value).getUint32(0) : undefined;
}

function readTypes(value: Uint8Array): readonly number[] | undefined {
  if (value.length % 2 !== 0) return undefined;
  const view = viewOf(value);
  return Array.from({ length: value.length / 2 }, (_, index) => view.getUint16(2 * index));
}

function readError(value: Uint8Array): StunError | undefined {
  const hundreds = (value[2] ?? 0) & ERROR_CLASS_MASK;
  const rest = value[3] ?? 100;
  const reason = readText(value.subarray(ERROR_HEAD_BYTES));
  if (hundreds < 3 || hundreds > 6 || rest > 99 || reason === undefined) return undefined;
  return { code: 100 * hundreds + rest, reason };
}
