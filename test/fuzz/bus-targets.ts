/** What comes off the bus: a text of each kind of message, from whoever may publish there. */
import { Hearing, type Room } from '../../machines/hearing/hearing.ts';
import { decodeMessage, encodeMessage, KINDS, MAX_ROUTES, type Outgoing } from '../../machines/messages.ts';
import { isSignaling, receive, soloMembership } from '../../machines/signaling/membership.ts';
import { unpackRoutes } from '../../machines/signaling/routes-on-wire.ts';
import { member, viewOf } from '../machines/members.ts';
import { SAMPLES } from '../machines/message-samples.ts';
import type { Target } from './play.ts';

const SELF = member('Z', { epoch: 7 });
const ROOM: Room = {
  members: new Map([
    ['Z', { epoch: 7, profile: 1 }],
    ['A', { epoch: 7, profile: 1 }],
  ]),
};
const MEMBERSHIP = soloMembership(viewOf(SELF));
const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const BUS_TARGETS: readonly Target[] = KINDS.map((kind) => {
  const outgoing = { kind, body: SAMPLES[kind] } as Outgoing;
  return {
    name: `bus ${kind}`,
    corpus: [1, 900].map((seq) => encoder.encode(encodeMessage(outgoing, 7, seq))),
    check: (bytes) => {
      const text = decoder.decode(bytes);
      const message = decodeMessage(kind, 'A', text);
      new Hearing(SELF).take({ kind, from: 'A', text }, ROOM, 0);
      if ('fault' in message) {
        if (message.detail.length > 1000) throw new Error(`a fault told in ${message.detail.length} characters`);
        return;
      }
      // What is let in can be told again, and is the same then.
      const again = decodeMessage(kind, 'A', encodeMessage(message as Outgoing, message.epoch, message.seq));
      if (JSON.stringify(again) !== JSON.stringify(message)) throw new Error('told again it is another message');
      if (message.kind === 'profile') {
        const { streams, receivers, routes } = message.body;
        if (unpackRoutes(streams, receivers, routes).length > MAX_ROUTES) throw new Error('more routes than may be');
      }
      if (isSignaling(message)) receive(MEMBERSHIP, message);
    },
  };
});
