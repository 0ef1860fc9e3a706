/** A transport as the machines have it: under a parent that keeps what it is told, and by its table. */

import type { ExecutionContext } from 'ava';
import { createActor, setup } from 'xstate';
import { EMPTY_TABLE } from '../../actors/media/addressed-table.ts';
import { Transport } from '../../actors/media/transport.ts';
import type { TransportOptions } from '../../actors/media/transport-options.ts';
import type { PeerEvent } from '../../machines/peer.ts';
import type { Port, TransportCommand, TransportTable } from '../../machines/ports.ts';

/** It is gone when the test has ended. */
export async function openTransport(
  t: Pick<ExecutionContext, 'teardown'>,
  options: TransportOptions,
  onEvent: (event: PeerEvent) => void = () => undefined,
) {
  const transport = await Transport.open(options);
  const events: PeerEvent[] = [];
  const parent = setup({
    types: { events: {} as PeerEvent },
    actors: { transport: transport.logic },
  }).createMachine({
    invoke: { src: 'transport', systemId: 'transport' },
    on: {
      '*': {
        actions: ({ event }) => {
          events.push(event);
          onEvent(event);
        },
      },
    },
  });
  const actor = createActor(parent).start();
  t.teardown(async () => {
    actor.stop();
    await transport.close();
  });
  const port: Port<TransportCommand> = actor.system.get('transport');
  const apply = (table: Partial<TransportTable>) =>
    port.send({ type: 'transport.table', table: { ...EMPTY_TABLE, ...table } });
  return { transport, events, port, apply, bound: transport.path.bound };
}
