/**
 * How a pure step becomes an action of the negotiation machine: its patch is assigned, and its commands are done in order.
 */
import { enqueueActions, type ParameterizedObject } from 'xstate';
import { bus, journal, publish } from '../ports.ts';
import type { TimerName } from '../timers.ts';
import { clientAgreementMachine } from './client-agreement.ts';
import { relayAgreementMachine } from './relay-agreement.ts';
import type { Context, NegotiationEvent, Outcome } from './state.ts';

/** The children of the negotiation machine: one for each agreement. */
export const agreementActors = { clientAgreement: clientAgreementMachine, relayAgreement: relayAgreementMachine };

type Child = {
  [K in keyof typeof agreementActors]: { src: K; logic: (typeof agreementActors)[K]; id: string | undefined };
}[keyof typeof agreementActors];
type Delay = TimerName | 'backoff';

const clientChild = (agreement: string) => `client.${agreement}`;
const relayChild = (client: string) => `relay.${client}`;

export function step<P extends ParameterizedObject['params'] | undefined>(
  reduce: (context: Context, params: P) => Outcome,
) {
  return enqueueActions<Context, NegotiationEvent, P, NegotiationEvent, Child, never, never, Delay, never>(
    ({ context, enqueue, self }, params) => {
      const { patch, commands = [] } = reduce(context, params);
      // An assignment costs a new snapshot of all regions, changed or not.
      if (patch && changes(context, patch)) enqueue.assign(patch);
      /** Raises the event after the delay, counted from now: an earlier one of this name does not come. */
      const raiseAnew = (id: string, event: NegotiationEvent, delay: Delay | number) => {
        enqueue.cancel(id);
        enqueue.raise(event, { id, delay });
      };
      for (const command of commands) {
        switch (command.do) {
          case 'publish':
            enqueue.sendTo(bus, publish(command.to, command.message, command.isUrgent));
            break;
          case 'note':
            enqueue.sendTo(journal, command.entry);
            break;
          case 'tell':
            enqueue.sendTo(context.parent, command.news);
            break;
          case 'openClient': {
            const { agreement: id, relay, terms, revision, isUrgent } = command;
            const input = { id, relay, terms, revision, isUrgent, parent: self };
            enqueue.spawnChild('clientAgreement', { id: clientChild(id), input });
            break;
          }
          case 'openRelay': {
            const { agreement: id, client, leaseMs } = command;
            enqueue.spawnChild('relayAgreement', {
              id: relayChild(client),
              input: { id, client, leaseMs, parent: self },
            });
            break;
          }
          case 'tellClient':
            enqueue.sendTo(clientChild(command.agreement), command.event);
            break;
          case 'tellRelay':
            enqueue.sendTo(relayChild(command.client), command.event);
            break;
          case 'closeClient':
            enqueue.stopChild(clientChild(command.agreement));
            break;
          case 'closeRelay':
            enqueue.stopChild(relayChild(command.client));
            break;
          case 'distrust': {
            const { relay: peer, forMs } = command;
            raiseAnew(`trust.${peer}`, { type: 'trust.restored', peer }, forMs);
            break;
          }
          case 'doubtWitness': {
            const { peer } = command;
            raiseAnew(`witness.${peer}`, { type: 'witness.restored', peer }, 'witnessDoubt');
            break;
          }
          case 'awaitWays':
            raiseAnew('ways', { type: 'ways.settled' }, command.forMs);
            break;
          case 'wait': {
            const { client } = command;
            raiseAnew(`patience.${client}`, { type: 'patience.over', client }, 'requestPatience');
            break;
          }
          case 'drain': {
            const { client, forMs } = command;
            raiseAnew(`drain.${client}`, { type: 'legs.drained', client }, forMs);
            break;
          }
        }
      }
    },
  );
}

function changes(context: Context, patch: Partial<Context>): boolean {
  return Object.entries(patch).some(([key, value]) => value !== Reflect.get(context, key));
}
