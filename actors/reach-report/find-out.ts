/** Asks router and servers, each as a peer would, over a socket like a peer's; ends by itself. */

import { findGateway, type Gateway } from '../../infra/network/gateway.ts';
import { type InterfaceAddress, interfaceAddresses } from '../../infra/network/interfaces.ts';
import { canSendTo } from '../../infra/network/scope.ts';
import type { Endpoint } from '../../infra/path/contract.ts';
import { openPath } from '../../infra/path/open.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { ReachChoice } from '../options/contract.ts';
import { PortMapping } from '../reach/addresses/port-mapping.ts';
import { type ServerAddresses, serverAddresses, serverNameSentence } from '../reach/turn/server-names.ts';
import { turnClientFor } from '../reach/turn/turn-server.ts';
import type { Findings, MappingFinding, Unresolved } from './contract.ts';
import { ServerTalk } from './server-talk.ts';

/** A server that is silent is known to be so after 3 s: what has not answered shortly before that has no time left to. */
const LONGEST_MS = 2900;

export interface FindOutOptions {
  readonly choice: Pick<ReachChoice, 'stun' | 'turn' | 'portMapping'>;
  /** Port 0: any. */
  readonly listen: Endpoint;
  readonly clock?: Clock;
  /** Default: of this machine. */
  readonly addresses?: readonly InterfaceAddress[];
}

/** @throws {PathError} where the address cannot be bound */
export async function findOut({ choice, listen, clock = systemClock, ...options }: FindOutOptions): Promise<Findings> {
  const startedMs = clock.now();
  const opened: { talk?: ServerTalk } = {};
  const path = await openPath({
    ...{ listen, kind: 'dgram', now: () => clock.now() },
    deliver: () => undefined,
    onRtcp: () => undefined,
    onStun: (bytes, from) => opened.talk?.take(bytes, from),
  });
  const talk = new ServerTalk({ clock, send: (bytes, to) => path.sendTo(bytes, to) });
  opened.talk = talk;
  const mapping = choice.portMapping ? askRouter(path.bound.port, clock) : null;
  const unresolved: Unresolved[] = [];
  let stopWaiting: (() => void) | undefined;
  try {
    const limit = new Promise<void>((resolve) => {
      stopWaiting = clock.after(LONGEST_MS, resolve);
    });
    const servers = serverAddresses(choice, (news) => unresolved.push(serverNameSentence(news))).then((addresses) =>
      talk.ask(usable(addresses, path.bound), choice.turn && turnClientFor(choice.turn, addresses.turn, path.bound)),
    );
    await Promise.race([limit, Promise.all([servers, mapping?.settled])]);
    return {
      ...{ bound: path.bound, addresses: options.addresses ?? interfaceAddresses() },
      mapping: mapping?.finding() ?? { kind: 'not-asked' },
      ...{ stun: talk.stun, turn: talk.turn, unresolved },
      tookMs: clock.now() - startedMs,
    };
  } finally {
    stopWaiting?.();
    talk.close();
    await mapping?.close();
    await path.close();
  }
}

/** Those that the socket can send to. */
function usable({ stun }: ServerAddresses, bound: Endpoint): Endpoint[] {
  return stun.filter(({ host }) => canSendTo(bound.host, host));
}

interface RouterAsked {
  /** The router has answered, or has been asked long enough. */
  readonly settled: Promise<void>;
  finding(): MappingFinding;
  close(): Promise<void>;
}

function askRouter(port: number, clock: Clock): RouterAsked {
  const startedMs = clock.now();
  let gateway: Gateway | null = null;
  let finding: MappingFinding | undefined;
  let close = () => Promise.resolve();
  const settled = new Promise<void>((resolve) => {
    const found = (what: MappingFinding) => {
      finding ??= what;
      resolve();
    };
    const mapping = PortMapping.open({
      ...{ port, clock },
      onMapped: (mapped) => {
        if (mapped !== null) found({ kind: 'mapped', mapped, tookMs: clock.now() - startedMs });
      },
      say: (news) => {
        if (news.type === 'mapping.none') found({ kind: 'none', gateway: news.gateway, refusals: news.refusals });
      },
      findGateway: async () => {
        gateway = await findGateway();
        return gateway;
      },
    });
    close = () => mapping.close();
  });
  return {
    settled,
    finding: () => finding ?? { kind: 'none', gateway: gateway?.host ?? null, refusals: [] },
    close: () => close(),
  };
}
