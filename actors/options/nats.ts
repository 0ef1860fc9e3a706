/** How a command is told of the NATS server, in options that all commands with a server have. */
import { type Command, Option } from 'commander';
import type { NatsFiles } from '../../infra/nats/files.ts';

/** As commander leaves them. */
export interface RawNatsOptions {
  readonly nats?: string;
  readonly natsCreds?: string;
  readonly natsNkey?: string;
  readonly natsCa?: string;
}

/** Which server it is. */
export function addNatsOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--nats <URL>',
      'the NATS server of the room, or several of one cluster with commas between them; with nats://USER:PASSWORD@HOST ' +
        'or nats://TOKEN@HOST who we are to it, with tls:// only by TLS ' +
        '(default: $NATS_URL, else nats://127.0.0.1:4222, started if nobody is there)',
    ),
  );
}

/** Null: the one that is shared on the machine. */
export function natsUrl({ nats }: RawNatsOptions, env: NodeJS.ProcessEnv): string | null {
  return nats ?? (env.NATS_URL === '' ? undefined : env.NATS_URL) ?? null;
}

export function addNatsOptions(command: Command): Command {
  const options = [
    new Option('--nats-creds <FILE>', 'who we are to the NATS server: a user as nsc writes it').conflicts('natsNkey'),
    new Option('--nats-nkey <FILE>', "who we are to the NATS server: the seed of a user's nkey"),
    new Option(
      '--nats-ca <FILE>',
      'who may have signed the certificate of the NATS server, in PEM form (default: as the system says)',
    ),
  ];
  addNatsOption(command);
  for (const option of options) command.addOption(option);
  return command;
}

export function natsFiles({ natsCreds: creds, natsNkey: nkey, natsCa: ca }: RawNatsOptions): NatsFiles {
  return {
    ...(creds === undefined ? {} : { creds }),
    ...(nkey === undefined ? {} : { nkey }),
    ...(ca === undefined ? {} : { ca }),
  };
}
