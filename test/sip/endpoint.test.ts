import test from 'ava';
import type { IncomingCall } from '../../infra/sip/agent/incoming-call.ts';
import { SipEndpoint, type SipEndpointOptions } from '../../infra/sip/endpoint.ts';
import { MediaSession } from '../../infra/sip/sdp/session.ts';
import { OWN_MEDIA } from './rehearsal.ts';

/** Both ends of calls over the sockets of this machine. */
function open(host: string, onCall: SipEndpointOptions['onCall']): Promise<SipEndpoint> {
  const options = { user: 'D', product: 'rpr/1.0.0', credentials: null, guard: null, now: () => performance.now() };
  return SipEndpoint.open({ ...options, host, told: host, port: 0, onCall });
}

const DEAF = { onKeyFrameWanted: () => undefined };

for (const [transport, host] of [
  ['udp', '127.0.0.1'],
  ['tcp', '127.0.0.1'],
  ['udp', '::1'],
  ['tcp', '::1'],
] as const) {
  test(`a call is made, answered and ended over ${transport} on ${host}`, async (t) => {
    const calls: IncomingCall[] = [];
    const heard: string[] = [];
    const end: { tell: () => void } = { tell: () => undefined };
    const ended = new Promise<void>((resolve) => {
      end.tell = resolve;
    });
    const ours = (session: MediaSession) => ({
      ...DEAF,
      onOffer: (offer: string) => session.answer(offer),
      onAnswer: (answer: string) => session.take(answer),
      makeOffer: () => session.offer(),
    });
    const callee = await open(host, (call) => {
      calls.push(call);
      const listener = {
        ...ours(new MediaSession(1, host, OWN_MEDIA)),
        onConnected: (product: string) => void heard.push(product),
        onEnded: (reason: string) => {
          heard.push(reason);
          end.tell();
        },
      };
      queueMicrotask(() => call.accept(listener.onOffer(call.offer ?? '') ?? '', performance.now()));
      return listener;
    });
    const caller = await open(host, () => t.fail() as never);
    const session = ours(new MediaSession(2, host, OWN_MEDIA));
    const flow = { transport, host, port: callee.port };
    const call = caller.agent.dial(
      `sip:room@${host === '::1' ? '[::1]' : host}`,
      flow,
      {
        ...session,
        onConnected: () => {
          call.hangUp('done', performance.now());
          caller.settle();
        },
        onEnded: () => undefined,
      },
      performance.now(),
    );
    caller.settle();
    await ended;
    t.deepEqual(heard, ['rpr/1.0.0', 'hung up']);
    await caller.close();
    await callee.close();
  });
}
