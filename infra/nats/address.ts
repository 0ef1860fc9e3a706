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

/** One server, or several of one cluster, the first that is there being used. They share the credentials of the first. */
export type NatsAddresses = readonly [NatsAddress, ...NatsAddress[]];

/**
 * Reads one address, or several with commas between them. Credentials need stand at one of them only.
 *
 * @throws {NatsError} `nats.badUrl`; also where two have different credentials, or only some of them TLS
 */
export function parseNatsAddresses(text: string): NatsAddresses {
  const [first, ...others] = text.split(',').map((one) => parseNatsAddress(one.trim()));
  if (first === undefined) throw badUrl(text);
  if (others.some(({ tls }) => tls !== first.tls)) {
    throw new NatsError('nats.badUrl', 'Of several NATS addresses, either all begin with tls:// or none does.');
  }
  const given = [first, ...others].filter(({ user, token }) => user !== undefined || token !== undefined);
  const [one] = given;
  if (one === undefined) return [first, ...others];
  const differ = ({ user, password, token }: NatsAddress) =>
    user !== one.user || password !== one.password || token !== one.token;
  if (given.some(differ)) {
    throw new NatsError('nats.badUrl', 'Several NATS addresses take one user: give it at the first of them.');
  }
  const { user, password, token } = one;
  const shared = token === undefined ? { user, password } : { token };
  return [{ ...first, ...shared }, ...others.map((other) => ({ ...other, ...shared }))];
}

/**
 * Reads `nats://user:password@host:port`; scheme, credentials and port may be left out. In credentials `%` with two hex
 * digits stands for a character, as in every URL; any other `%` for itself.
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
  const name = decoded(parsed.username);
  return parsed.password === '' ? { token: name } : { user: name, password: decoded(parsed.password) };
}

/** A password of `100%` is one that people write as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll(/%(?![0-9A-Fa-f]{2})/g, '%25'));
  } catch {
    // What the digits stand for is no UTF-8: they are meant as they are, but for what the URL itself has escaped.
    return text.replaceAll(/%[0-7][0-9A-Fa-f]/g, (escaped) => decodeURIComponent(escaped));
  }
}

function badUrl(text: string): NatsError {
  // Credentials must not end up in a log, so whatever stands before an @ is left out.
  const shown = text.replace(/^.*@/, '…@');
  return new NatsError('nats.badUrl', `"${shown}" is not a NATS address. Write it as nats://HOST:PORT.`);
}
