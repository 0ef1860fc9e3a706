/** What we tell others of ourselves. Pure. */
import {
  type Capabilities,
  type HeldAgreement,
  MAX_MEMBERS,
  MAX_ROUTES,
  type Outgoing,
  type RouteInfo,
} from '../messages.ts';
import { type Member, selfOf, type View } from '../view.ts';
import { packRoutes } from './routes-on-wire.ts';

/** How our streams run, what we hold of others and what they hold of us. */
export interface Running {
  readonly routes: readonly RouteInfo[];
  readonly agreements: readonly HeldAgreement[];
  /** bit/s. */
  readonly promisedBps: number;
}

export const NOTHING_RUNS: Running = { routes: [], agreements: [], promisedBps: 0 };

export function answerOf(view: View): Outgoing {
  return { kind: 'answer', body: capabilitiesOf(view) };
}

/** @param known members that need not answer */
export function inviteOf(view: View, known: readonly Member[]): Outgoing {
  return { kind: 'invite', body: { ...capabilitiesOf(view), known: known.map(({ id, epoch }) => ({ id, epoch })) } };
}

/**
 * Our profile under this number. What says how we run stands after the number: others need not hurry with a profile that is the
 * same before it. Routes that are more than a message takes are left out, all of them: half of them would be untrue.
 */
export function profileOf(view: View, { routes, agreements, promisedBps }: Running, number: number): Outgoing {
  const { uploadBps, usableBps, lendBps, downloadBps, leaving, nat, cut, costly, narrow, line, streams } = selfOf(view);
  const packed = packRoutes(streams, routes);
  return {
    kind: 'profile',
    body: {
      ...capabilitiesOf(view),
      ...{ uploadBps, usableBps, lendBps, downloadBps, leaving, nat, line, number },
      cut: [...cut],
      costly: [...costly],
      narrow: [...narrow],
      ...(fits(packed) ? packed : { receivers: [], routes: [] }),
      agreements: [...agreements],
      promisedBps,
    },
  };
}

/** Whether a profile takes all of our routes. */
export function fitsProfile(view: View, { routes }: Running): boolean {
  return fits(packRoutes(selfOf(view).streams, routes));
}

function fits({ routes, receivers }: ReturnType<typeof packRoutes>): boolean {
  return routes.length <= MAX_ROUTES && receivers.length <= MAX_MEMBERS;
}

/** What plain endpoints are told. */
export function capabilitiesOf(view: View): Capabilities {
  const { streams, ...self } = selfOf(view);
  const { name, software, version, compatible, oneAddress, media, key, outside, wants, plain } = self;
  return {
    ...{ name, software, version, compatible, oneAddress, media, key, outside, wants, plain },
    streams: [...streams],
  };
}
