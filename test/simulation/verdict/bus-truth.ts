/** What members have truly said, on the bus and by RTCP: nobody may believe anything else, or anything twice. */
import type { Self } from '../../../actors/bus/sealing/contract.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { type Address, ALL } from '../../../machines/subjects.ts';

interface Said {
  readonly address: Address;
  readonly text: string;
  /** Of the process that it is for; 0: of all. */
  readonly forEpoch: number;
  /** Of whoever signed it. */
  readonly key: string | undefined;
}

interface Believed {
  readonly address: Address;
  readonly text: string;
  readonly by: Self;
  /** Under which the one who believes it knows the sender. */
  readonly knownKey: string | undefined;
}

export class BusTruth {
  readonly #said = new Map<string, Said>();
  readonly #believed = new Set<string>();

  said(said: Said): void {
    this.#said.set(nameOf(said), said);
  }

  /** @returns what is wrong with that */
  believed(believed: Believed): string | undefined {
    const { address, text, by, knownKey } = believed;
    const name = nameOf(believed);
    const said = this.#said.get(name);
    const shown = `${address.kind} of ${address.from} to ${address.to}: ${text.slice(0, 80)}`;
    if (said === undefined) return `what nobody has said: ${shown}`;
    if (said.key !== knownKey) return `somebody under another key: ${shown}`;
    if (address.to !== ALL && (address.to !== by.id || said.forEpoch !== by.epoch))
      return `what was said to another: ${shown}`;
    const once = `${by.id} ${by.epoch} ${name}`;
    if (this.#believed.has(once)) return `what it has heard before: ${shown}`;
    this.#believed.add(once);
    return undefined;
  }
}

/** Who has sent which RTCP to whom, and how often. */
export class RtcpTruth {
  readonly #sent = new Map<string, number>();

  sent(from: PeerId, to: PeerId, datagram: Uint8Array): void {
    const name = rtcpName(from, to, datagram);
    this.#sent.set(name, (this.#sent.get(name) ?? 0) + 1);
  }

  /** @returns whether that is what it has sent, and has not come as often yet */
  came(from: PeerId, to: PeerId, datagram: Uint8Array): boolean {
    const name = rtcpName(from, to, datagram);
    const left = this.#sent.get(name) ?? 0;
    this.#sent.set(name, left - 1);
    return left > 0;
  }
}

function nameOf({ address: { from, to, kind }, text }: Pick<Said, 'address' | 'text'>): string {
  return `${from} ${to} ${kind} ${text}`;
}

function rtcpName(from: PeerId, to: PeerId, datagram: Uint8Array): string {
  return `${from} ${to} ${Buffer.from(datagram).toString('base64')}`;
}
