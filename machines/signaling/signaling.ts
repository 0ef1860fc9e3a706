/**
 * Membership and sessions: who is in the room, and what each can do. It owns the view. A joiner claims its id, invites
 * everybody, and tells its profile; the answers and profiles it gets back are the room. From then on a beat now and then says
 * which profile is the latest, and whoever lacks it asks for it.
 */
import { signalingSetup } from './setup.ts';
import { initialState } from './state.ts';

export type { ProfileChange, SignalingEvent, SignalingNews } from './contract.ts';

export const signalingMachine = signalingSetup.createMachine({
  id: 'signaling',
  context: ({ input: { profile, parent } }) => initialState(profile, parent),
  initial: 'claiming',
  on: {
    'bus.disconnected': { actions: 'noteBusAway' },
    'bus.connected': { actions: 'noteBusBack' },
    'media.alive': { actions: { type: 'noteMediaAlive', params: ({ event }) => event } },
    'media.silent': { actions: { type: 'noteMediaSilent', params: ({ event }) => event } },
    'profile.changed': { actions: { type: 'changeProfile', params: ({ event }) => event } },
    announce: { actions: { type: 'noteRunning', params: ({ event }) => event } },
    'bus.replaced': { target: '.replaced', description: 'A bye would be taken for the word of the other.' },
  },
  states: {
    claiming: {
      entry: 'claim',
      on: {
        'claim.free': 'joined',
        'claim.taken': { target: 'refused', actions: { type: 'tellRefused', params: { reason: 'taken' } } },
        leave: 'left',
      },
      after: { claimTimeout: 'joined' },
    },
    joined: {
      entry: ['tellJoined', 'tellView', 'greet', 'tellProfile'],
      type: 'parallel',
      on: {
        message: { actions: { type: 'receive', params: ({ event }) => [event.message] } },
        profiles: { actions: { type: 'receive', params: ({ event }) => event.profiles } },
        'session.asks': { actions: { type: 'ask', params: ({ event }) => event } },
        'session.fruitless': {
          guard: { type: 'isStranger', params: ({ event }) => event },
          actions: [
            { type: 'forgetStranger', params: ({ event }) => event },
            { type: 'closeSession', params: ({ event }) => event },
          ],
        },
        'session.disproved': {
          description: 'Whoever lives is met as a stranger.',
          actions: [
            { type: 'part', params: ({ event: { peer } }) => ({ peer, reason: 'restarted' }) },
            { type: 'forgetStranger', params: ({ event }) => event },
            { type: 'closeSession', params: ({ event }) => event },
            { type: 'ask', params: ({ event }) => event },
          ],
        },
        'bye.expired': [
          {
            guard: { type: 'isByeContested', params: ({ event }) => event },
            actions: [
              { type: 'forgetBye', params: ({ event }) => event },
              { type: 'ask', params: ({ event }) => event },
            ],
          },
          { actions: { type: 'forgetBye', params: ({ event }) => event } },
        ],
        'member.unheard': [
          {
            guard: { type: 'isMediaAlive', params: ({ event }) => event },
            actions: { type: 'noteUnheard', params: ({ event }) => event },
          },
          {
            guard: { type: 'isGone', params: ({ event }) => event },
            actions: [
              { type: 'part', params: ({ event: { peer } }) => ({ peer, reason: 'silent' }) },
              { type: 'closeSession', params: ({ event }) => event },
            ],
          },
        ],
        'media.silent': [
          {
            guard: { type: 'isUnheard', params: ({ event }) => event },
            actions: [
              { type: 'part', params: ({ event: { peer } }) => ({ peer, reason: 'silent' }) },
              { type: 'closeSession', params: ({ event }) => event },
            ],
          },
          { actions: { type: 'noteMediaSilent', params: ({ event }) => event } },
        ],
        leave: { target: 'left', actions: 'sayBye' },
      },
      states: {
        heartbeat: {
          initial: 'waiting',
          states: {
            waiting: {
              on: { 'bus.connected': { target: 'returning', actions: 'noteBusBack' } },
              after: { beatInterval: { target: 'waiting', reenter: true, actions: 'beat' } },
            },
            returning: {
              description:
                'Others come back too. A profile that they all have missed is told to all, not asked for by each.',
              on: { 'bus.connected': { target: 'returning', reenter: true, actions: 'noteBusBack' } },
              after: {
                returnPause: [
                  { guard: 'isMissed', target: 'waiting', actions: ['noteNotMissed', 'tellProfileAgain', 'beat'] },
                  { target: 'waiting', actions: 'beat' },
                ],
              },
            },
          },
        },
        announcing: {
          initial: 'told',
          states: {
            told: {
              on: {
                'self.changed': 'soon',
                announce: {
                  guard: { type: 'isNews', params: ({ event }) => event },
                  target: 'later',
                  actions: { type: 'noteRunning', params: ({ event }) => event },
                },
              },
            },
            later: {
              on: { 'self.changed': 'soon' },
              after: { profileLater: { target: 'told', actions: 'tellProfile' } },
            },
            soon: { after: { profileSoon: { target: 'told', actions: 'tellProfile' } } },
          },
          on: { leaving: { target: '.told', actions: ['noteLeaving', 'tellProfile'] } },
        },
        answering: {
          initial: 'idle',
          states: {
            idle: {
              on: {
                'profile.wanted': {
                  target: 'open',
                  actions: [
                    { type: 'answerAlone', params: ({ event }) => event },
                    { type: 'noteAnswered', params: ({ event }) => event },
                  ],
                },
              },
            },
            open: {
              on: {
                'profile.wanted': [
                  { guard: { type: 'isAnswered', params: ({ event }) => event } },
                  {
                    guard: 'isOneOfFew',
                    actions: [
                      { type: 'answerAlone', params: ({ event }) => event },
                      { type: 'noteAnswered', params: ({ event }) => event },
                    ],
                  },
                  { actions: 'noteOthersWait' },
                ],
              },
              after: {
                answerWindow: [
                  { guard: 'doOthersWait', target: 'idle', actions: ['closeWindow', 'tellProfileAgain'] },
                  { target: 'idle', actions: 'closeWindow' },
                ],
              },
            },
          },
        },
        age: {
          initial: 'newcomer',
          states: {
            newcomer: {
              on: {
                'room.full': {
                  target: '#signaling.refused',
                  actions: ['sayBye', { type: 'tellRefused', params: { reason: 'full' } }],
                },
              },
              after: { newcomer: 'settled' },
            },
            settled: { description: 'A stranger that says it is older than us is one too many itself.' },
          },
        },
      },
    },
    refused: { type: 'final' },
    replaced: { type: 'final' },
    left: { type: 'final', entry: 'tellLeft' },
  },
});
