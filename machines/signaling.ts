/**
 * Membership and sessions: who is in the room, and what each can do. It owns the view. A joiner claims its id, invites
 * everybody, and tells its presence; the answers and presences it gets back are the room.
 */
import { assign, enqueueActions, sendTo, setup } from 'xstate';
import type { Body, Capabilities, Outgoing, PeerId, RouteInfo } from './messages.ts';
import { bus, type Heard, journal, type Port, type Presence, publish } from './ports.ts';
import { forget, type Membership, receive, type SignalingMessage } from './signaling/membership.ts';
import { type SessionNews, sessionMachine } from './signaling/session.ts';
import { DELAYS } from './timers.ts';
import { changesRoom, type Member, othersOf, selfOf, soloView, type View, withMember } from './view.ts';
import { withoutItem } from './without.ts';

/** What the root hears. */
export type SignalingNews =
  | { readonly type: 'signaling.joined' }
  /** Another process holds this id in the room. */
  | { readonly type: 'signaling.refused' }
  | { readonly type: 'signaling.left' }
  /** Who is there, or what one can do. */
  | { readonly type: 'view.changed'; readonly view: View }
  /** No more than how members' sources run and what they promise to others: by far the most frequent change. */
  | { readonly type: 'members.rerouted'; readonly view: View }
  /** The bus brought a presence of this member. */
  | { readonly type: 'member.heard'; readonly peer: PeerId };

/** What can be changed of oneself during a call. */
export type ProfileChange = Partial<Pick<Member, 'uploadBps' | 'usableBps' | 'lendBps' | 'source'>>;

export type SignalingEvent =
  | SessionNews
  | { readonly type: 'claim.free' }
  | { readonly type: 'claim.taken' }
  | { readonly type: 'message'; readonly message: SignalingMessage }
  /** Presences that came together. That their senders live is told by `members.heard`. */
  | { readonly type: 'reroutings'; readonly presences: readonly Presence[] }
  | { readonly type: 'members.heard'; readonly heard: readonly Heard[] }
  | { readonly type: 'bus.connected' }
  | { readonly type: 'bus.disconnected' }
  | { readonly type: 'media.alive'; readonly peer: PeerId }
  | { readonly type: 'media.silent'; readonly peer: PeerId }
  | { readonly type: 'profile.changed'; readonly change: ProfileChange }
  /** How the own source runs and what is promised to others: told with the presence. */
  | { readonly type: 'announce'; readonly routes: readonly RouteInfo[]; readonly promisedBps: number }
  /** Tell the room that we are about to leave. */
  | { readonly type: 'leaving' }
  | { readonly type: 'leave' };

export interface SignalingInput {
  readonly profile: Member;
  readonly parent: Port<SignalingNews>;
}

interface Context extends Membership {
  readonly parent: Port<SignalingNews>;
  readonly announced: Pick<Body<'presence'>, 'routes' | 'promisedBps'>;
  readonly busAway: boolean;
  /** Members silent on the bus, kept because their media arrives or because the bus is away. */
  readonly unheard: ReadonlySet<PeerId>;
  readonly mediaAlive: ReadonlySet<PeerId>;
}

const sessionId = (peer: PeerId) => `session.${peer}`;

const machineSetup = setup({
  types: { context: {} as Context, events: {} as SignalingEvent, input: {} as SignalingInput },
  delays: DELAYS,
  actors: { session: sessionMachine },
  guards: {
    isCompatible: ({ context }) => selfOf(context.view).compatible,
  },
  actions: {
    claim: sendTo(bus, { type: 'bus.claim' }),
    receive: enqueueActions(({ context, enqueue, self }, { message }: { message: SignalingMessage }) => {
      const { membership, consequences } = receive(context, message);
      if (membership !== context) enqueue.assign(membership);
      for (const consequence of consequences) {
        const { peer } = consequence;
        if (consequence.type === 'met') {
          const { established } = consequence;
          enqueue.spawnChild('session', { id: sessionId(peer), input: { peer, established, parent: self } });
          const { compatible = false, software = '' } = membership.view.members.get(peer) ?? {};
          enqueue.sendTo(journal, { type: 'member.joined', peer, compatible, software });
        } else if (consequence.type === 'parted') {
          enqueue.stopChild(sessionId(peer));
          // The transport watches it anew if it comes again, and no longer tells when its media stops.
          enqueue.assign({
            mediaAlive: ({ context }) => withoutItem(context.mediaAlive, peer),
            unheard: ({ context }) => withoutItem(context.unheard, peer),
          });
          enqueue.sendTo(journal, { type: 'member.left', peer, reason: consequence.reason });
          // A restarted member is a new one: whoever looks at views must see it gone first.
          enqueue.sendTo(context.parent, { type: 'view.changed', view: forget(context, peer).view });
        } else if (consequence.type === 'answer') {
          enqueue.sendTo(bus, publish(peer, { kind: 'answer', body: capabilitiesOf(membership.view) }));
        } else if (consequence.type === 'introduce') {
          enqueue.sendTo(bus, publish(peer, presenceOf({ ...context, ...membership })));
        } else {
          enqueue.sendTo(sessionId(peer), { type: consequence.type });
        }
      }
      if (message.kind === 'presence') {
        if (context.unheard.has(message.from))
          enqueue.assign({ unheard: ({ context }) => withoutItem(context.unheard, message.from) });
        enqueue.sendTo(context.parent, { type: 'member.heard', peer: message.from });
      }
      const news = changeOf(context.view, membership.view);
      if (news !== undefined) enqueue.sendTo(context.parent, news);
    }),
    receiveTogether: enqueueActions(({ context, enqueue }, { presences }: { presences: readonly Presence[] }) => {
      let membership: Membership = context;
      for (const message of presences) {
        // Whoever is not known, or not as it was, is a case for itself.
        if (membership.view.members.get(message.from)?.epoch !== message.epoch)
          enqueue.raise({ type: 'message', message });
        else membership = receive(membership, message).membership;
      }
      if (membership !== context) enqueue.assign(membership);
      const news = changeOf(context.view, membership.view);
      if (news !== undefined) enqueue.sendTo(context.parent, news);
    }),
    noteHeard: enqueueActions(({ context, enqueue }, { heard }: { heard: readonly Heard[] }) => {
      for (const { peer, agoMs } of heard) {
        if (!context.view.members.has(peer)) continue;
        enqueue.sendTo(sessionId(peer), { type: 'heard', agoMs });
        enqueue.assign({ unheard: ({ context }) => withoutItem(context.unheard, peer) });
      }
    }),
    greet: enqueueActions(({ context, enqueue }) => {
      enqueue.sendTo(bus, publish('all', inviteOf(context, [])));
      if (selfOf(context.view).compatible) enqueue.sendTo(bus, publish('all', presenceOf(context)));
    }),
    beat: enqueueActions(({ context, enqueue }) => {
      if (!selfOf(context.view).compatible) {
        enqueue.sendTo(bus, publish('all', inviteOf(context, othersOf(context.view))));
        return;
      }
      enqueue.sendTo(bus, publish('all', presenceOf(context)));
      for (const member of othersOf(context.view)) {
        if (!member.compatible) enqueue.sendTo(bus, publish(member.id, inviteOf(context, [member])));
      }
    }),
    tellPresence: sendTo(bus, ({ context }) => publish('all', presenceOf(context))),
    invite: sendTo(bus, ({ context }, { peer }: { peer: PeerId }) => publish(peer, inviteOf(context, []))),
    sayBye: sendTo(bus, publish('all', { kind: 'bye', body: { reason: 'left' } })),
    judge: enqueueActions(({ context, enqueue }, { peer }: { peer: PeerId }) => {
      if (!context.view.members.has(peer)) return;
      if (context.busAway || context.mediaAlive.has(peer)) {
        enqueue.assign({ unheard: withAlso(context.unheard, peer) });
        return;
      }
      const membership = forget(context, peer);
      enqueue.assign({
        ...membership,
        unheard: withoutItem(context.unheard, peer),
        mediaAlive: withoutItem(context.mediaAlive, peer),
      });
      enqueue.stopChild(sessionId(peer));
      enqueue.sendTo(journal, { type: 'member.left', peer, reason: 'silent' });
      enqueue.sendTo(context.parent, { type: 'view.changed', view: membership.view });
    }),
    judgeUnheard: enqueueActions(({ context, enqueue, self }, { peer }: { peer: PeerId }) => {
      if (context.unheard.has(peer)) enqueue.sendTo(self, { type: 'session.unheard', peer });
    }),
    noteLeaving: assign({
      view: ({ context }) => withMember(context.view, { ...selfOf(context.view), leaving: true }),
    }),
    noteMediaAlive: assign({
      mediaAlive: ({ context }, { peer }: { peer: PeerId }) => withAlso(context.mediaAlive, peer),
    }),
    noteMediaSilent: assign({
      mediaAlive: ({ context }, { peer }: { peer: PeerId }) => withoutItem(context.mediaAlive, peer),
    }),
    noteBusAway: assign({ busAway: (_, { away }: { away: boolean }) => away }),
    changeProfile: enqueueActions(({ context, enqueue }, { change }: { change: ProfileChange }) => {
      const view = withMember(context.view, { ...selfOf(context.view), ...change });
      if (view === context.view) return;
      enqueue.assign({ view });
      enqueue.sendTo(context.parent, { type: 'view.changed', view });
    }),
    noteAnnounced: assign({
      announced: (_, { routes, promisedBps }: { routes: readonly RouteInfo[]; promisedBps: number }) => ({
        routes: [...routes],
        promisedBps,
      }),
    }),
    tellView: sendTo(
      ({ context }) => context.parent,
      ({ context }) => ({ type: 'view.changed', view: context.view }),
    ),
    tellJoined: sendTo(({ context }) => context.parent, { type: 'signaling.joined' }),
    tellRefused: sendTo(({ context }) => context.parent, { type: 'signaling.refused' }),
    tellLeft: sendTo(({ context }) => context.parent, { type: 'signaling.left' }),
  },
});

export const signalingMachine = machineSetup.createMachine({
  id: 'signaling',
  context: ({ input: { profile, parent } }) => ({
    parent,
    view: soloView(profile),
    lastSeq: new Map(),
    byes: new Map(),
    announced: { routes: [], promisedBps: 0 },
    busAway: false,
    unheard: new Set(),
    mediaAlive: new Set(),
  }),
  initial: 'claiming',
  on: {
    'bus.disconnected': { actions: { type: 'noteBusAway', params: { away: true } } },
    'bus.connected': { actions: { type: 'noteBusAway', params: { away: false } } },
    'media.alive': { actions: { type: 'noteMediaAlive', params: ({ event }) => event } },
    'media.silent': { actions: { type: 'noteMediaSilent', params: ({ event }) => event } },
    'profile.changed': { actions: { type: 'changeProfile', params: ({ event }) => event } },
    announce: { actions: { type: 'noteAnnounced', params: ({ event }) => event } },
  },
  states: {
    claiming: {
      entry: 'claim',
      on: { 'claim.free': 'joined', 'claim.taken': 'refused', leave: 'left' },
      after: { claimTimeout: 'joined' },
    },
    joined: {
      entry: ['tellJoined', 'tellView', 'greet'],
      type: 'parallel',
      on: {
        message: { actions: { type: 'receive', params: ({ event }) => event } },
        reroutings: { actions: { type: 'receiveTogether', params: ({ event }) => event } },
        'members.heard': { actions: { type: 'noteHeard', params: ({ event }) => event } },
        'session.invites': { actions: { type: 'invite', params: ({ event }) => event } },
        'session.unheard': { actions: { type: 'judge', params: ({ event }) => event } },
        'media.silent': {
          actions: [
            { type: 'noteMediaSilent', params: ({ event }) => event },
            { type: 'judgeUnheard', params: ({ event }) => event },
          ],
        },
        leave: { target: 'left', actions: 'sayBye' },
      },
      states: {
        heartbeat: {
          initial: 'waiting',
          states: {
            waiting: {
              after: { presenceInterval: { target: 'waiting', reenter: true, actions: 'beat' } },
              on: {
                'bus.connected': {
                  target: 'waiting',
                  reenter: true,
                  actions: [{ type: 'noteBusAway', params: { away: false } }, 'greet'],
                },
              },
            },
          },
        },
        announcing: {
          initial: 'told',
          states: {
            told: {},
            changed: { after: { presenceCoalesce: { target: 'told', actions: 'tellPresence' } } },
          },
          on: {
            announce: {
              guard: 'isCompatible',
              target: '.changed',
              actions: { type: 'noteAnnounced', params: ({ event }) => event },
            },
            'profile.changed': {
              guard: 'isCompatible',
              target: '.changed',
              actions: { type: 'changeProfile', params: ({ event }) => event },
            },
            leaving: { guard: 'isCompatible', target: '.told', actions: ['noteLeaving', 'tellPresence'] },
          },
        },
      },
    },
    refused: { type: 'final', entry: 'tellRefused' },
    left: { type: 'final', entry: 'tellLeft' },
  },
});

/** What the root is to hear when one view follows the other. */
function changeOf(before: View, view: View): SignalingNews | undefined {
  if (before === view) return undefined;
  return { type: changesRoom(before, view) ? 'view.changed' : 'members.rerouted', view };
}

function capabilitiesOf(view: View): Capabilities {
  const { software, version, compatible, media, source } = selfOf(view);
  return { software, version, compatible, media, source };
}

function inviteOf({ view }: Membership, known: readonly Member[]): Outgoing {
  return { kind: 'invite', body: { ...capabilitiesOf(view), known: known.map(({ id, epoch }) => ({ id, epoch })) } };
}

function presenceOf({ view, announced }: Context): Outgoing {
  const { uploadBps, usableBps, lendBps, leaving } = selfOf(view);
  return { kind: 'presence', body: { ...capabilitiesOf(view), uploadBps, usableBps, lendBps, leaving, ...announced } };
}

function withAlso<T>(set: ReadonlySet<T>, item: T): ReadonlySet<T> {
  return set.has(item) ? set : new Set(set).add(item);
}
