/** Credentials and certificates that are given as files, so that no secret stands on a command line. */
import { readFileSync } from 'node:fs';
import { type Authenticator, credsAuthenticator, nkeyAuthenticator } from 'nats';
import { NatsError } from './errors.ts';

/** Paths. At most one of `creds` and `nkey` is given. */
export interface NatsFiles {
  /** A user's JWT and seed, as `nsc` writes them. */
  readonly creds?: string;
  /** The seed of a user's nkey (`SU…`). */
  readonly nkey?: string;
  /** The certificates (PEM) of those who may sign the server's. Given, the connection must be by TLS. */
  readonly ca?: string;
}

/** A user's seed as nkeys writes it: base32 that begins with S for seed and U for user. */
const USER_SEED = /\bSU[A-Z2-7]{56}\b/;
const USER_JWT = /BEGIN NATS USER JWT/;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----/;

/**
 * How we prove who we are; undefined where no file says.
 *
 * @throws {NatsError} `nats.badFile`
 */
export function authenticatorOf({ creds, nkey }: NatsFiles): Authenticator | undefined {
  if (creds !== undefined) {
    const text = readText(creds, 'credentials');
    if (USER_JWT.test(text) && USER_SEED.test(text))
      return sound(credsAuthenticator(new TextEncoder().encode(text)), creds);
    throw bad(creds, 'holds no NATS credentials: give the .creds file that nsc wrote');
  }
  if (nkey === undefined) return undefined;
  const [seed] = USER_SEED.exec(readText(nkey, 'nkey')) ?? [];
  if (seed === undefined) throw bad(nkey, "holds no user's seed: it begins with SU, and has 58 letters and digits");
  return sound(nkeyAuthenticator(new TextEncoder().encode(seed)), nkey);
}

/**
 * The certificates to trust, as text; undefined where no file says.
 *
 * @throws {NatsError} `nats.badFile`
 */
export function trustedCa({ ca }: NatsFiles): string | undefined {
  if (ca === undefined) return undefined;
  const text = readText(ca, 'CA');
  if (CERTIFICATE.test(text)) return text;
  throw bad(ca, 'holds no certificate: it is to be in PEM form, and begins with -----BEGIN CERTIFICATE-----');
}

/** A seed that was mistyped fails here, and not at each connection. */
function sound(authenticator: Authenticator, path: string): Authenticator {
  try {
    authenticator('');
    return authenticator;
  } catch (cause) {
    throw bad(path, `holds a mistake (${cause instanceof Error ? cause.message : cause})`);
  }
}

function readText(path: string, what: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NatsError('nats.badFile', `The ${what} file of the NATS server cannot be read: ${reason}.`, { cause });
  }
}

function bad(path: string, why: string): NatsError {
  return new NatsError('nats.badFile', `The file ${path} ${why}.`);
}
