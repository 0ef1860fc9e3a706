/** What the signaling machine can do, and what it asks itself before: its guards, actions and delays. The chart says when. */
import { assign, enqueueActions, sendTo, setup, stopChild } from 'xstate';
import type { PeerId } from '../messages.ts';
import { bus, journal, publish } from '../ports.ts';
import { sameData } from '../same-data.ts';
import { beatIntervalMs, DELAYS } from '../timers.ts';
import { othersOf, selfOf, withMember } from '../view.ts';
import { withoutItem } from '../without.ts';
import type { ProfileChange, SignalingEvent, SignalingInput } from './contract.ts';
import { type Consequence, forget, type Membership, receive, type SignalingMessage, withoutBye } from './membership.ts';
import { answerOf, capabilitiesOf, fitsProfile, inviteOf, profileOf, type Running } from './own-messages.ts';
import { sessionMachine } from './session.ts';
import { changeOf, membershipOf, type SignalingState, withItem, withoutPeer, withoutStanding } from './state.ts';
import { withKeptSsrcs } from './unique-ssrc.ts';

/** To more who ask at about the same time, one profile to all is less. */
const MOST_ANSWERED_ALONE = 4;

interface Peer {
  readonly peer: PeerId;
}

const sessionId = (peer: PeerId) => `session.${peer}`;
const byeId = (peer: PeerId) => `bye.${peer}`;

export const signalingSetup = setup({
  types: { context: {} as SignalingState, events: {} as SignalingEvent, input: {} as SignalingInput },
  delays: {
    ...DELAYS,
    beatInterval: ({ context }) => beatIntervalMs(context.view.members.size),
  },
  actors: { session: sessionMachine },
  guards: {
    isNews: ({ context }, running: Running) => !sameData(context.running, runningOf(running)),
    isMissed: ({ context }) => context.missed,
    doOthersWait: ({ context }) => context.othersWait,
    isAnswered: ({ context }, { peer }: Peer) => context.answered.has(peer),
    isOneOfFew: ({ context }) => context.answered.size < MOST_ANSWERED_ALONE,
    isStranger: ({ context }, { peer }: Peer) => context.strangers.has(peer),
    isGone: ({ context }, { peer }: Peer) => context.view.members.has(peer) && !context.busAway,
    isMediaAlive: ({ context }, { peer }: Peer) => context.mediaAlive.has(peer),
    isUnheard: ({ context }, { peer }: Peer) => context.unheard.has(peer),
    isByeContested: ({ context }, { peer }: Peer) => context.byes.get(peer)?.contested ?? false,
  },
  actions: {
    claim: sendTo(bus, { type: 'bus.claim' }),
    receive: enqueueActions(({ context, enqueue, self }, messages: readonly SignalingMessage[]) => {
      let membership = membershipOf(context);
      const consequences: { readonly consequence: Consequence; readonly before: Membership }[] = [];
      for (const message of messages) {
        const before = membership;
        const outcome = receive(before, message);
        membership = outcome.membership;
        for (const consequence of outcome.consequences) consequences.push({ consequence, before });
        const { from } = message;
        if (membership.byes.get(from)?.seq === before.byes.get(from)?.seq) continue;
        enqueue.cancel(byeId(from));
        enqueue.raise({ type: 'bye.expired', peer: from }, { id: byeId(from), delay: 'byeMemory' });
      }
      enqueue.assign(membership);
      for (const { consequence, before } of consequences) {
        const { type, peer } = consequence;
        switch (type) {
          case 'met': {
            const { description } = consequence;
            enqueue.spawnChild('session', { id: sessionId(peer), input: { peer, description, parent: self } });
            break;
          }
          case 'joined': {
            const { compatible = false, software = '' } = membership.view.members.get(peer) ?? {};
            enqueue.sendTo(journal, { type: 'member.joined', peer, compatible, software });
            break;
          }
          case 'parted':
            enqueue.sendTo(journal, { type: 'member.left', peer, reason: consequence.reason });
            // A restarted member is a new one: whoever looks at views must see it gone first.
            enqueue.sendTo(context.parent, { type: 'view.changed', view: forget(before, peer).view });
            enqueue.stopChild(sessionId(peer));
            enqueue.assign(({ context }) => withoutStanding(context, peer));
            break;
          case 'dropped':
            enqueue.stopChild(sessionId(peer));
            enqueue.assign(({ context }) => withoutStanding(context, peer));
            break;
          case 'answer':
            enqueue.sendTo(bus, publish(peer, answerOf(membership.view)));
            break;
          case 'introduce':
            enqueue.raise({ type: 'profile.wanted', peer });
            break;
          case 'surplus':
            enqueue.raise({ type: 'room.full' });
            break;
          case 'upheld':
            enqueue.assign({ unheard: ({ context }) => withoutItem(context.unheard, peer) });
            if (!context.contested.has(peer)) break;
            enqueue.assign({ contested: ({ context }) => withoutItem(context.contested, peer) });
            enqueue.sendTo(sessionId(peer), { type });
            break;
          case 'contested':
            enqueue.assign({ contested: ({ context }) => withItem(context.contested, peer) });
            enqueue.sendTo(sessionId(peer), { type });
            break;
          default:
            enqueue.sendTo(sessionId(peer), { type });
        }
      }
      if (selfOf(membership.view) !== selfOf(context.view)) enqueue.raise({ type: 'self.changed' });
      const news = changeOf(context.view, membership.view);
      if (news !== undefined) enqueue.sendTo(context.parent, news);
    }),
    part: enqueueActions(({ context, enqueue }, { peer, reason }: Peer & { reason: 'silent' | 'restarted' }) => {
      if (!context.view.members.has(peer)) return;
      enqueue.assign(withoutPeer(context, peer));
      enqueue.sendTo(journal, { type: 'member.left', peer, reason });
      enqueue.sendTo(context.parent, ({ context }) => ({ type: 'view.changed', view: context.view }));
    }),
    forgetStranger: assign(({ context }, { peer }: Peer) => withoutPeer(context, peer)),
    closeSession: stopChild((_, { peer }: Peer) => sessionId(peer)),
    forgetBye: assign(({ context }, { peer }: Peer) => withoutBye(membershipOf(context), peer)),
    ask: sendTo(bus, ({ context: { view } }, { peer }: Peer) => {
      const speaksRpr = selfOf(view).compatible && view.members.get(peer)?.compatible !== false;
      return publish(peer, speaksRpr ? { kind: 'profile.ask', body: {} } : inviteOf(view, []));
    }),
    greet: sendTo(bus, ({ context }) => publish('all', inviteOf(context.view, []))),
    beat: enqueueActions(({ context: { view, number }, enqueue }) => {
      if (!selfOf(view).compatible) {
        enqueue.sendTo(bus, publish('all', inviteOf(view, othersOf(view))));
        return;
      }
      enqueue.sendTo(bus, publish('all', { kind: 'beat', body: { profile: number } }));
      for (const member of othersOf(view)) {
        if (!member.compatible) enqueue.sendTo(bus, publish(member.id, inviteOf(view, [member])));
      }
    }),
    /** A plain RTP endpoint tells all of it in an invite, and so it is told it, where that says anything new: routes are none of it. */
    tellProfile: enqueueActions(({ context, enqueue }) => {
      const { view, running, busAway } = context;
      const { compatible } = selfOf(view);
      const capabilities = capabilitiesOf(view);
      if (!sameData(capabilities, context.told)) {
        enqueue.assign({ told: capabilities });
        const plain = othersOf(view).filter((member) => !member.compatible);
        if (!compatible) enqueue.sendTo(bus, publish('all', inviteOf(view, othersOf(view))));
        else for (const member of plain) enqueue.sendTo(bus, publish(member.id, inviteOf(view, [member])));
      }
      if (!compatible) return;
      const number = context.number + 1;
      const oversized = !fitsProfile(view, running);
      enqueue.assign({ number, oversized, missed: busAway });
      if (oversized && !context.oversized)
        enqueue.sendTo(journal, { type: 'profile.oversized', routes: running.routes.length });
      enqueue.sendTo(bus, publish('all', profileOf(view, running, number)));
    }),
    tellProfileAgain: sendTo(bus, ({ context: { view, running, number } }) =>
      publish('all', profileOf(view, running, number)),
    ),
    noteNotMissed: assign({ missed: false }),
    answerAlone: sendTo(bus, ({ context: { view, running, number } }, { peer }: Peer) =>
      publish(peer, profileOf(view, running, number)),
    ),
    noteAnswered: assign({ answered: ({ context }, { peer }: Peer) => withItem(context.answered, peer) }),
    noteOthersWait: assign({ othersWait: true }),
    closeWindow: assign({ answered: new Set<PeerId>(), othersWait: false }),
    sayBye: sendTo(bus, publish('all', { kind: 'bye', body: { reason: 'left' } })),
    noteLeaving: assign({
      view: ({ context }) => withMember(context.view, { ...selfOf(context.view), leaving: true }),
    }),
    noteUnheard: assign({ unheard: ({ context }, { peer }: Peer) => withItem(context.unheard, peer) }),
    noteMediaAlive: assign({ mediaAlive: ({ context }, { peer }: Peer) => withItem(context.mediaAlive, peer) }),
    noteMediaSilent: assign({ mediaAlive: ({ context }, { peer }: Peer) => withoutItem(context.mediaAlive, peer) }),
    noteBusAway: assign({ busAway: true }),
    /** Who was silent may have spoken meanwhile: whether it is silent still is found out anew. */
    noteBusBack: assign({ busAway: false, unheard: new Set<PeerId>() }),
    changeProfile: enqueueActions(({ context, enqueue }, { change }: { change: ProfileChange }) => {
      const changed = { ...selfOf(context.view), ...change };
      const streams = withKeptSsrcs(context.view, changed.streams);
      const view = withMember(context.view, { ...changed, streams });
      if (view === context.view) return;
      enqueue.assign({ view });
      enqueue.sendTo(context.parent, { type: 'view.changed', view });
      enqueue.raise({ type: 'self.changed' });
    }),
    noteRunning: assign({ running: (_, running: Running) => runningOf(running) }),
    tellView: sendTo(
      ({ context }) => context.parent,
      ({ context }) => ({ type: 'view.changed', view: context.view }),
    ),
    tellJoined: sendTo(({ context }) => context.parent, { type: 'signaling.joined' }),
    tellRefused: sendTo(
      ({ context }) => context.parent,
      (_, { reason }: { reason: 'taken' | 'full' }) => ({ type: 'signaling.refused', reason }),
    ),
    tellLeft: sendTo(({ context }) => context.parent, { type: 'signaling.left' }),
  },
});

function runningOf({ routes, agreements, promisedBps }: Running): Running {
  return { routes, agreements, promisedBps };
}
