/** NATS server addresses as people write them. */
import { NatsError } from './errors.ts';

/** The port that NATS servers listen on by default (IANA: nats, 4222). */
export const DEFAULT_NATS_PORT = 4222;

export interface NatsAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  readonly user?: string;
  readonly password?: string;
  /** `nats://token@host`: a name without a password is an authorization token, as in the NATS command line tools. */
  readonly token?: string;
  /** The address without credentials, fit for logs and messages. */
  readonly url: string;
}

/**
 * Reads `nats://user:password@host:port`; scheme, credentials and port may be left out.
 *
 * @throws {NatsError} `nats.badUrl`
 */
export function parseNatsAddress(text: string): NatsAddress {
  const withScheme = text.includes('://') ? text : `nats://${text}`;
  if (!URL.canParse(withScheme)) throw badUrl(text);
  const parsed = new URL(withScheme);
  const scheme = parsed.protocol.slice(0, -1);
  const port = parsed.port === '' ? DEFAULT_NATS_PORT : Number(parsed.port);
  if ((scheme !== 'nats' && scheme !== 'tls') || parsed.hostname === '' || port === 0) throw badUrl(text);
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port,
    tls: scheme === 'tls',
    ...credentials(parsed),
    url: `${scheme}://${parsed.hostname}:${port}`,
  };
}

function credentials(parsed: URL): Pick<NatsAddress, 'user' | 'password' | 'token'> {
  if (parsed.username === '') return {};
  const name = decodeURIComponent(parsed.username);
  return parsed.password === '' ? { token: name } : { user: name, password: decodeURIComponent(parsed.password) };
}

function badUrl(text: string): NatsError {
  // Credentials must not end up in a log, so whatever stands before an @ is left out.
  const shown = text.replace(/^.*@/, '…@');
  return new NatsError('nats.badUrl', `"${shown}" is not a NATS address. Write it as nats://HOST:PORT.`);
}
