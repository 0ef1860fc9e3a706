/** The command `rpr --id D --no-rpr --sip HOST:PORT`: waits for phones, or calls one, until Ctrl-C. */
import { Journal } from '../journal/journal.ts';
import { jsonLines } from '../journal/json-lines.ts';
import { type GatewayOptions, PhoneGateway } from './gateway.ts';

/**
 * @param say takes a sentence for a person
 * @returns the exit code
 * @throws {PhoneError} `phone.address`, `phone.unknown`
 */
export async function runPhone(
  peer: GatewayOptions['peer'],
  asked: AbortSignal,
  say: (text: string) => void,
): Promise<number> {
  const left = new Promise<void>((resolve) => {
    if (asked.aborted) resolve();
    asked.addEventListener('abort', () => resolve());
  });
  const lines = peer.json
    ? jsonLines({
        // Whoever read our lines has gone: so do we.
        onGone: () => process.kill(process.pid, 'SIGTERM'),
        onFailed: () => process.kill(process.pid, 'SIGTERM'),
        onLeftOut: () => undefined,
      })
    : null;
  const journal: Journal = new Journal({
    ...{ peer: peer.id, lines, now: () => performance.now() },
    onWritten: () => {
      if (lines === null) process.stdout.write(`${journal.recent.at(-1)}\n`);
    },
  });
  const gateway = await PhoneGateway.open({ peer, journal, say, now: () => performance.now() });
  if (peer.phone.dial !== null) await gateway.dial(peer.phone.dial);
  await left;
  await gateway.close();
  journal.close();
  await lines?.settle();
  return 0;
}
