/** Failures of NATS in words: what went wrong, and what the person in front of it can do about it. */
import { errors } from 'nats';
import type { NatsAddress } from './address.ts';
import { NatsError } from './errors.ts';
import type { ProbeResult } from './probe.ts';

/** Nobody, or not a NATS server, is at the address. */
export function unreachable(address: NatsAddress, probed: Exclude<ProbeResult, { found: 'server' }>): NatsError {
  const why = {
    nobody: 'nothing listens there',
    stranger: 'what listens there is not a NATS server',
    unreachable: probed.found === 'unreachable' ? probed.reason : '',
  }[probed.found];
  return new NatsError(
    'nats.unreachable',
    `No NATS server at ${address.url}: ${why}. Start one with \`nats-server -a ${address.host} -p ${address.port}\`, ` +
      'or name another with --nats URL or NATS_URL.',
  );
}

/** A NATS server is there, but connecting to it failed: what the client threw, in our words. */
export function connectFailure(address: NatsAddress, error: unknown): NatsError {
  if (error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError) {
    return new NatsError(
      'nats.authorization',
      `The NATS server at ${address.url} refused the user name or password. Give them as nats://USER:PASSWORD@HOST:PORT.`,
      { cause: error },
    );
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new NatsError('nats.unreachable', `Connecting to the NATS server at ${address.url} failed: ${reason}.`, {
    cause: error,
  });
}

/** A message was not sent, because the server would cut us off for it. Sizes in bytes. */
export function tooLarge(subject: string, size: number, limit: number): NatsError {
  return new NatsError(
    'nats.tooLarge',
    `A message of ${size} bytes on ${subject} is larger than the NATS server takes (max_payload ${limit} bytes).`,
  );
}
