/**
 * SHA-256 by the OpenSSL that Node itself is made of, called by FFI: one context serves all packets, and nothing is written as text.
 * SHA256_Init(3) says how the functions are used.
 */
import { createRequire } from 'node:module';

const HASH_BYTES = 32;
/** A SHA256_CTX has 112 (openssl/sha.h). */
const CONTEXT_BYTES = 256;
/** NULL. */
const NO_POINTER = 0;

/** @returns the hash, until the next call */
export type Sha256 = (bytes: Uint8Array) => Uint8Array;

/** @returns undefined where the program has no OpenSSL that can be called */
export function loadOpensslSha256(): Sha256 | undefined {
  try {
    const { load } = createRequire(import.meta.url)('koffi') as typeof import('koffi');
    // null is the running program.
    const library = load(null);
    const allocate: (bytes: number, file: number, line: number) => number = library.func(
      'intptr_t CRYPTO_malloc(size_t, intptr_t, int)',
    );
    const init: (context: number) => number = library.func('int SHA256_Init(intptr_t)');
    const update: (context: number, bytes: Uint8Array, length: number) => number = library.func(
      'int SHA256_Update(intptr_t, void *, size_t)',
    );
    const final: (into: Uint8Array, context: number) => number = library.func('int SHA256_Final(void *, intptr_t)');
    // Lives as long as the process.
    const context = allocate(CONTEXT_BYTES, NO_POINTER, 0);
    if (context === NO_POINTER) return undefined;
    const hash = new Uint8Array(HASH_BYTES);
    return (bytes) => {
      if (init(context) !== 1) throw new Error('OpenSSL refuses to hash');
      // An empty array may be passed as none.
      if (bytes.length > 0) update(context, bytes, bytes.length);
      final(hash, context);
      return hash;
    };
  } catch {
    return undefined;
  }
}
