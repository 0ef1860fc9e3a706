/** Failures of NATS in words: what went wrong, and what the person in front of it can do about it. */
import { errors } from 'nats';
import type { NatsAddress } from './address.ts';
import { NatsError } from './errors.ts';
import type { ProbeResult } from './probe.ts';

interface Probed {
  readonly address: NatsAddress;
  readonly probed: ProbeResult;
}

/** Nobody, or not a NATS server, is at any of the addresses. */
export function unreachable(tried: readonly Probed[]): NatsError {
  const why = tried.map(({ address, probed }) => `No NATS server at ${address.url}: ${absence(probed)}.`).join(' ');
  const [first] = tried;
  const start =
    first === undefined ? '' : ` Start one with \`nats-server -a ${first.address.host} -p ${first.address.port}\`,`;
  return new NatsError('nats.unreachable', `${why}${start} or name another with --nats URL or NATS_URL.`);
}

function absence(probed: ProbeResult): string {
  switch (probed.found) {
    case 'nobody':
      return 'nothing listens there';
    case 'stranger':
      return 'what listens there is not a NATS server';
    case 'unreachable':
      return probed.reason;
    case 'server':
      return 'it has gone';
  }
}

/** A NATS server is there, but connecting to it failed: what the client threw, in our words. */
export function connectFailure(address: NatsAddress, error: unknown): NatsError {
  if (isRefusal(error)) {
    const { url } = address;
    return new NatsError('nats.authorization', `The NATS server at ${url} refused us: ${refusalOf(address)}`, {
      cause: error,
    });
  }
  const reason = error instanceof Error ? error.message : String(error);
  if (isDistrust(error)) {
    return new NatsError(
      'nats.certificate',
      `The NATS server at ${address.url} has no certificate that we trust: ${reason}. Name who signed it with --nats-ca FILE.`,
      { cause: error },
    );
  }
  return new NatsError('nats.unreachable', `Connecting to the NATS server at ${address.url} failed: ${reason}.`, {
    cause: error,
  });
}

/** The server took us once, and has refused us since. */
export function refusedSince(url: string): NatsError {
  return new NatsError(
    'nats.authorization',
    `The NATS server at ${url} no longer takes our credentials: this call cannot go on. ` +
      'Ask whoever runs the server for new ones, and start again.',
  );
}

/** Does the server refuse who we say we are? */
export function isRefusal(error: unknown): boolean {
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) return true;
  return error instanceof Error && REFUSED.test(error.message);
}

/** Words of nats-server that the client has no class for: `User Authentication Revoked`, `Account Authentication Expired`. */
const REFUSED = /authentication (?:revoked|expired)|authorization violation/i;

function refusalOf({ user, token }: NatsAddress): string {
  if (user !== undefined) return `its user or password is another. ${HOW_TO_SAY}`;
  return token === undefined ? `it wants credentials, or others. ${HOW_TO_SAY}` : `its token is another. ${HOW_TO_SAY}`;
}

const HOW_TO_SAY =
  'Give them as nats://USER:PASSWORD@HOST:PORT or nats://TOKEN@HOST:PORT, or by --nats-creds FILE or --nats-nkey FILE.';

/** The client's words for a server without TLS. */
const NO_TLS = /server does not support 'tls'/;

/** Node's codes for certificates that it does not trust, or a server that has none. */
function isDistrust(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /CERT|SELF_SIGNED|UNABLE_TO_|ALTNAME/.test(code) || (error instanceof Error && NO_TLS.test(error.message));
}

/** A message was not sent, because the server would cut us off for it. Sizes in bytes. */
export function tooLarge(subject: string, size: number, limit: number): NatsError {
  return new NatsError(
    'nats.tooLarge',
    `A message of ${size} bytes on ${subject} is larger than the NATS server takes (max_payload ${limit} bytes).`,
  );
}
