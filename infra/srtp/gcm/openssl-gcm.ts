/**
 * AES-128-GCM by the OpenSSL that Node itself is made of, called by FFI: one context serves all packets, where `node:crypto` makes and
 * frees one for each. EVP_EncryptInit(3) says how the functions are used.
 */
import { createRequire } from 'node:module';
import { GCM_TAG_BYTES, type PacketGcm, type PacketGcmOf } from './contract.ts';
import { nodeGcm } from './node-gcm.ts';

/** EVP_CTRL_AEAD_GET_TAG and _SET_TAG (openssl/evp.h). */
const GET_TAG = 0x10;
const SET_TAG = 0x11;
const KEY_BYTES = 16;
const IV_BYTES = 12;
/** Room for an int, whoever compiled OpenSSL. */
const INT_BYTES = 8;
/** NULL. */
const NO_POINTER = 0;

type Bytes = Uint8Array | null;

/** 1: it went well. */
interface Evp {
  readonly EVP_aes_128_gcm: () => number;
  readonly EVP_CIPHER_CTX_new: () => number;
  readonly CRYPTO_malloc: (bytes: number, file: number, line: number) => number;
  readonly EVP_CIPHER_CTX_ctrl: (context: number, what: number, bytes: number, data: Uint8Array) => number;
  readonly ERR_clear_error: () => void;
  /** Of one direction. `cipher` and `key`: as before, where it is none. */
  readonly init: (context: number, cipher: number, engine: number, key: Bytes, iv: Bytes) => number;
  readonly update: (context: number, out: Uint8Array, outBytes: number, data: Uint8Array, bytes: number) => number;
  /** The same function, of what is authenticated only. */
  readonly authenticate: (context: number, out: number, outBytes: number, data: Uint8Array, bytes: number) => number;
  readonly final: (context: number, out: number, outBytes: number) => number;
}

/** One direction: encryption or decryption, under one key after the other. Lives as long as the process. */
class Direction {
  readonly #evp: Evp;
  readonly #context: number;
  /** OpenSSL's own memory, for what is not read here: how much was written, and what is left at the end. */
  readonly #written: number;
  readonly #rest: number;
  #key: Uint8Array | undefined;

  constructor(evp: Evp) {
    this.#evp = evp;
    this.#context = evp.EVP_CIPHER_CTX_new();
    this.#written = evp.CRYPTO_malloc(INT_BYTES, NO_POINTER, 0);
    this.#rest = evp.CRYPTO_malloc(GCM_TAG_BYTES, NO_POINTER, 0);
    if ([this.#context, this.#written, this.#rest].includes(NO_POINTER)) throw new Error('OpenSSL has no memory');
    must(evp.init(this.#context, evp.EVP_aes_128_gcm(), NO_POINTER, null, null));
  }

  /** Up to the tag. */
  run(key: Uint8Array, iv: Uint8Array, header: Uint8Array, from: Uint8Array, into: Uint8Array): void {
    if (key.length !== KEY_BYTES || iv.length !== IV_BYTES) throw new RangeError('a key or an IV of another length');
    // OpenSSL does not look how much room there is.
    if (into.length < from.length) throw new RangeError('no room for the packet');
    must(this.#evp.init(this.#context, NO_POINTER, NO_POINTER, key === this.#key ? null : key, iv));
    this.#key = key;
    must(this.#evp.authenticate(this.#context, NO_POINTER, this.#written, header, header.length));
    // An empty array may be passed as none, which has another meaning.
    if (from.length > 0) must(this.#evp.update(this.#context, into, this.#written, from, from.length));
  }

  writeTag(into: Uint8Array): void {
    must(this.#evp.final(this.#context, this.#rest, this.#written));
    if (into.length !== GCM_TAG_BYTES) throw new RangeError('no room for the tag');
    must(this.#evp.EVP_CIPHER_CTX_ctrl(this.#context, GET_TAG, GCM_TAG_BYTES, into));
  }

  isTag(tag: Uint8Array): boolean {
    if (tag.length !== GCM_TAG_BYTES) return false;
    must(this.#evp.EVP_CIPHER_CTX_ctrl(this.#context, SET_TAG, GCM_TAG_BYTES, tag));
    const isGood = this.#evp.final(this.#context, this.#rest, this.#written) === 1;
    // What OpenSSL notes of it would be taken by Node for a failure of what it does next.
    if (!isGood) this.#evp.ERR_clear_error();
    return isGood;
  }
}

class OpensslGcm implements PacketGcm {
  readonly #sealing: Direction;
  readonly #opening: Direction;
  readonly #key: Uint8Array;

  constructor(sealing: Direction, opening: Direction, key: Uint8Array) {
    this.#sealing = sealing;
    this.#opening = opening;
    this.#key = Uint8Array.from(key);
  }

  seal(iv: Uint8Array, header: Uint8Array, plain: Uint8Array, into: Uint8Array, at: number): void {
    const end = at + plain.length;
    this.#sealing.run(this.#key, iv, header, plain, into.subarray(at));
    this.#sealing.writeTag(into.subarray(end, end + GCM_TAG_BYTES));
  }

  open(iv: Uint8Array, header: Uint8Array, sealed: Uint8Array, into: Uint8Array, at: number): boolean {
    const length = sealed.length - GCM_TAG_BYTES;
    this.#opening.run(this.#key, iv, header, sealed.subarray(0, length), into.subarray(at));
    return this.#opening.isTag(sealed.subarray(length));
  }
}

/** @returns undefined where the program has no OpenSSL that can be called, or one that computes something else than `node:crypto` */
export function loadOpensslGcm(): PacketGcmOf | undefined {
  try {
    const { load } = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    // null is the running program.
    const library = load(null);
    const common = {
      EVP_aes_128_gcm: library.func('intptr_t EVP_aes_128_gcm()'),
      EVP_CIPHER_CTX_new: library.func('intptr_t EVP_CIPHER_CTX_new()'),
      CRYPTO_malloc: library.func('intptr_t CRYPTO_malloc(size_t, intptr_t, int)'),
      EVP_CIPHER_CTX_ctrl: library.func('int EVP_CIPHER_CTX_ctrl(intptr_t, int, int, void *)'),
      ERR_clear_error: library.func('void ERR_clear_error()'),
    };
    const [sealing, opening] = (['Encrypt', 'Decrypt'] as const).map(
      (direction) =>
        new Direction({
          ...common,
          init: library.func(`int EVP_${direction}Init_ex(intptr_t, intptr_t, intptr_t, void *, void *)`),
          update: library.func(`int EVP_${direction}Update(intptr_t, void *, intptr_t, void *, int)`),
          authenticate: library.func(`int EVP_${direction}Update(intptr_t, intptr_t, intptr_t, void *, int)`),
          final: library.func(`int EVP_${direction}Final_ex(intptr_t, intptr_t, intptr_t)`),
        }),
    );
    if (sealing === undefined || opening === undefined) return undefined;
    const gcmOf = (key: Uint8Array) => new OpensslGcm(sealing, opening, key);
    return computesTheSame(gcmOf, nodeGcm) ? gcmOf : undefined;
  } catch {
    return undefined;
  }
}

/** Under two keys in turns, of packets that are whole blocks, are not, and are empty; and neither takes a wrong tag. */
function computesTheSame(one: PacketGcmOf, other: PacketGcmOf): boolean {
  return [0, 1, 32, 1200].every((length, seed) => {
    const bytes = (count: number, from: number) =>
      Uint8Array.from({ length: count }, (_, at) => (from + 31 * at) & 0xff);
    const [key, iv, header, plain] = [bytes(KEY_BYTES, seed), bytes(IV_BYTES, 1), bytes(12, 2), bytes(length, 3)];
    const [sealed, expected] = [one, other].map((of) => {
      const into = Buffer.alloc(length + GCM_TAG_BYTES);
      of(key).seal(iv, header, plain, into, 0);
      return into;
    });
    if (sealed === undefined || expected === undefined || !sealed.equals(expected)) return false;
    const opened = Buffer.alloc(length);
    if (!one(key).open(iv, header, sealed, opened, 0) || !opened.equals(plain)) return false;
    sealed[0] = (sealed[0] ?? 0) ^ 1;
    return !one(key).open(iv, header, sealed, opened, 0);
  });
}

function must(result: number): void {
  if (result !== 1) throw new Error('OpenSSL refuses to encrypt');
}
