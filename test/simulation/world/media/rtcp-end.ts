/** One process's end of RTCP with the other members: digests of media, and messages for which packets wait. */
import type { Endpoint } from '../../../../infra/path/contract.ts';
import { readSealedTexts, writeSealedText } from '../../../../infra/rtcp/sealed-text.ts';
import type { Kind, PeerId } from '../../../../machines/messages.ts';
import { ALL, isKind } from '../../../../machines/subjects.ts';
import { type Datagram, HEADERS_BITS } from './datagram.ts';
import type { SealedMedia } from './sealed-media.ts';
import type { TableInForce } from './table-in-force.ts';

/** RTCP that is not sealed goes to whoever is there. */
const ANYBODY = '';
/** An urgent message as it goes by RTCP: its kind, and what it says. */
const URGENT = /^([a-z.]+) (.*)$/s;

export interface RtcpEndHost {
  /** Null: no media is sealed, and RTCP of members is not taken. */
  readonly sealed: Pick<SealedMedia, 'sealRtcp' | 'openRtcp' | 'takeRtcp'> | null;
  /** RTCP is sealed with the key of the pair. */
  readonly isRtcpSealed: boolean;
  readonly inForce: Pick<TableInForce, 'memberAt' | 'placeOf'>;
  /** Of the pair with this member. */
  readonly keyOf: (peer: PeerId) => Uint8Array | undefined;
  /** Something of a member has come from there. */
  readonly heard: (peer: PeerId, from: Endpoint) => void;
  /** A member has something urgent to say. */
  readonly hurried: (kind: Kind, from: PeerId, text: string) => void;
  readonly send: (to: Endpoint, bits: number, datagram: Datagram) => void;
}

export class RtcpEnd {
  readonly #host: RtcpEndHost;

  constructor(host: RtcpEndHost) {
    this.#host = host;
  }

  takeRtcp(from: Endpoint, bytes: Uint8Array): void {
    const { heard, hurried, inForce, keyOf, sealed } = this.#host;
    const peer = inForce.memberAt(from);
    const datagram = peer === undefined ? undefined : sealed?.openRtcp(peer, bytes);
    if (peer === undefined || datagram === undefined) return;
    heard(peer, from);
    sealed?.takeRtcp(peer, datagram);
    for (const sealedText of readSealedTexts(datagram, () => keyOf(peer))) {
      const [, kind = '', text = ''] = URGENT.exec(sealedText) ?? [];
      if (isKind(kind)) hurried(kind, peer, text);
    }
  }

  /** A message for which packets wait, where RTCP is not sealed. */
  takeUrgent(from: Endpoint, message: Kind, text: string): void {
    const peer = this.#host.inForce.memberAt(from);
    if (peer === undefined) return;
    this.#host.heard(peer, from);
    this.#host.hurried(message, peer, text);
  }

  sendRtcp(datagram: Uint8Array, to: Endpoint): void {
    const { inForce, isRtcpSealed, sealed, send } = this.#host;
    const peer = isRtcpSealed ? inForce.memberAt(to) : ANYBODY;
    const bytes = peer === undefined ? undefined : sealed?.sealRtcp(peer, datagram);
    if (bytes !== undefined) send(to, HEADERS_BITS + 8 * bytes.length, { kind: 'rtcp', bytes });
  }

  /** This message is urgent: it goes by the media path, too. */
  hasten(to: PeerId | 'all', message: Kind, text: string): void {
    const { inForce, isRtcpSealed, keyOf, send } = this.#host;
    const place = inForce.placeOf(to);
    if (place === undefined) return;
    if (!isRtcpSealed) {
      send(place, HEADERS_BITS + 8 * text.length, { kind: 'urgent', message, text });
      return;
    }
    const key = to === ALL ? undefined : keyOf(to);
    const datagram = key && writeSealedText(`${message} ${text}`, 0, key);
    if (datagram !== undefined) this.sendRtcp(datagram, place);
  }
}
