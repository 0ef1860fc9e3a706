/** Members and states to try the page's state with. */
import type { Member, RemoteStream, ServerMessage } from '../../actors/page/app/link/messages.ts';

export function stream(name: string, more: Partial<RemoteStream> = {}): RemoteStream {
  const media = /voice|sound/.test(name) ? 'audio' : 'video';
  return {
    stream: name,
    group: name,
    media,
    playable: true,
    silent: false,
    bps: 1,
    loss: 0,
    via: [],
    frozenMs: 0,
    ...more,
  };
}

export function member(id: string, streams: readonly RemoteStream[] = [], more: Partial<Member> = {}): Member {
  const seal = { plain: 'none', sealed: true, heardBy: [], forgedBy: [] } as const;
  return { id, name: id.toUpperCase(), pair: 'direct', reason: '', ...seal, streams, ...more };
}

export function stateOf(...members: readonly Member[]): Extract<ServerMessage, { type: 'state' }> {
  const self = {
    id: 'me',
    name: 'Me',
    room: 'r',
    uploadBps: 0,
    usedBps: 0,
    lentBps: 0,
    line: null,
    downlinkBps: null,
    bus: 'connected',
  } as const;
  return { type: 'state', self, own: [], members, invite: 'line' };
}

export const WELCOME: Extract<ServerMessage, { type: 'welcome' }> = {
  type: 'welcome',
  state: 'lobby',
  suggestions: { name: 'Me', room: 'r' },
  codecs: [],
  slots: 25,
};
