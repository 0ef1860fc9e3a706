/** The way of a packet from one process to another: out of its sender's home, through routers and over a link, down its receiver's line. */
import type { Endpoint } from '../../../../infra/path/contract.ts';
import { readSsrc } from '../../../../infra/rtp/header.ts';
import type { Attacks } from '../../hostile/attacks.ts';
import { StrangerWatch } from '../../hostile/strangers.ts';
import type { VoiceWatch } from '../../verdict/voice.ts';
import type { VirtualClock } from '../clock.ts';
import { type Datagram, MOST_HOPS } from '../media/datagram.ts';
import type { PeerProcess } from '../peer/peer-process.ts';
import { AccessLine, WITHIN_HOME } from './access-line.ts';
import type { Internet, Passage } from './internet.ts';
import type { Load, Network } from './network.ts';

export interface PacketWayHost {
  readonly clock: VirtualClock;
  readonly internet: Internet<PeerProcess>;
  readonly network: Network;
  readonly attacks: Pick<Attacks, 'beside' | 'came'>;
  readonly voices: VoiceWatch;
  readonly violate: (text: string) => void;
}

export class PacketWay {
  readonly #host: PacketWayHost;
  readonly #strangers = new StrangerWatch();

  constructor(host: PacketWayHost) {
    this.#host = host;
  }

  /** @param hasWaited its turn at the uplink has come */
  send(from: PeerProcess, to: Endpoint, bits: number, datagram: Datagram, hasWaited: boolean): void {
    const { clock, internet, violate } = this.#host;
    if (datagram.kind === 'media' && datagram.hops > MOST_HOPS)
      violate(`${from.id} sends a packet on its hop ${datagram.hops}`);
    const passage = internet.send(from.site, to, clock.now());
    if (passage === 'lost') return;
    if (passage === 'strange') {
      const wrong = this.#strangers.sent(datagram.kind, from.id, to, clock.now());
      if (wrong !== undefined) violate(wrong);
      return;
    }
    const load = { bits, urgent: isUrgent(datagram), hasWaited };
    this.#pass(from, passage, load, datagram);
  }

  #pass(from: PeerProcess, passage: Passage<PeerProcess>, load: Load, datagram: Datagram): void {
    const { network, voices } = this.#host;
    const { to: receiver, isNear } = passage;
    const arrive = this.#arrival(from, passage, datagram);
    const isWithinHome = isNear && from.site.segment.router !== null && from.uplink instanceof AccessLine;
    const outlet = isWithinHome ? WITHIN_HOME : from.uplink;
    const passed = network.send(outlet, from.id, receiver.id, load, () => {
      if (isWithinHome) arrive();
      else this.#comeDown(receiver, load.bits, arrive);
    });
    if (!passed && datagram.kind === 'media') voices.lostOnLink(datagram.packet);
  }

  /** What happens when it comes, with what somebody on its way has put beside it. */
  #arrival(from: PeerProcess, { to, from: seenAs, arrives }: Passage<PeerProcess>, datagram: Datagram): () => void {
    const { attacks, clock, voices } = this.#host;
    const beside = attacks.beside(from.id, to.id, datagram);
    return () => {
      if (!to.alive || to.asleep || !arrives(clock.now())) return;
      for (const made of beside?.before ?? []) {
        to.receive(seenAs, made);
        // Whoever fills a relay's limit with rubbish has it drop what is beyond that.
        if (datagram.kind === 'media' && to.transport.relays(readSsrc(datagram.packet.bytes)))
          voices.lostOnLink(datagram.packet);
      }
      to.receive(seenAs, datagram);
      for (const made of beside?.behind ?? []) to.receive(seenAs, made);
      attacks.came(to.id, from, datagram);
    };
  }

  /** Through the receiver's line. */
  #comeDown({ downlink }: PeerProcess, bits: number, arrive: () => void): void {
    const { clock } = this.#host;
    const waitMs = downlink === null ? 0 : downlink.take(bits, clock.now());
    if (waitMs === 0) arrive();
    else if (waitMs !== undefined) clock.setTimeout(arrive, waitMs);
  }
}

/** Whether it passes its sender's own queue. */
function isUrgent(datagram: Datagram): boolean {
  return datagram.kind !== 'media' || datagram.packet.source.media === 'audio';
}
