/** Who of the room has shown by which key it speaks: for the table, and for `rpr verify`. */
import type { PeerId } from '../../machines/messages.ts';
import { othersOf } from '../../machines/view.ts';
import type { Keys } from '../bus/sealing/contract.ts';
import { CallFile, type RunningCall } from '../identity/call-file.ts';
import { fingerprintOf } from '../identity/fingerprint.ts';
import type { KnownMembers } from '../identity/known-members.ts';
import type { PeerOptions } from '../options/contract.ts';
import type { TrustStatus } from '../status/snapshot.ts';
import type { Participant } from './participant.ts';

export interface TrustParts {
  readonly options: Pick<PeerOptions, 'id' | 'room' | 'keys'>;
  readonly keys: Keys & { readonly known: KnownMembers };
  readonly participant: Pick<Participant, 'view' | 'profile' | 'bus' | 'transport'>;
}

export class Trust {
  readonly #parts: TrustParts;
  readonly #file: CallFile | null;

  constructor(parts: TrustParts) {
    this.#parts = parts;
    this.#file = parts.keys.identity === null ? null : new CallFile(parts.options.keys.folder, () => this.#running());
  }

  status(): TrustStatus {
    const { keys, participant } = this.#parts;
    const others = participant.view === undefined ? [] : othersOf(participant.view);
    return {
      isOpen: keys.room === null,
      unsigned: others.filter(({ id, epoch }) => this.#keyOf(id, epoch) === null).map(({ id }) => id),
      forgeries: participant.transport.digests.forgeries,
      refused: [...keys.known.refused].map(([id, key]) => ({ id, fingerprint: fingerprintOf(key) })),
    };
  }

  /** Writes what is to be remembered. */
  close(): void {
    this.#file?.close();
    this.#parts.keys.known.close();
  }

  #running(): RunningCall {
    const { options, keys, participant } = this.#parts;
    const { id, epoch } = participant.profile;
    const others = participant.view === undefined ? [] : othersOf(participant.view);
    return {
      ...{ pid: process.pid, room: options.room, id },
      members: [
        { id, epoch, key: keys.identity?.publicKey ?? null },
        ...others.map((other) => ({ id: other.id, epoch: other.epoch, key: this.#keyOf(other.id, other.epoch) })),
      ],
    };
  }

  #keyOf(id: PeerId, epoch: number): string | null {
    return this.#parts.participant.bus.provenKey(id, epoch);
  }
}
