/** What the plan of a room could make of one peer's uplink: more than this nobody needs to know of it. */
import { isServed } from '../../machines/in-the-clear.ts';
import type { LinePart, PeerId, StreamInfo } from '../../machines/messages.ts';
import type { Demand } from '../../machines/uplink/contract.ts';
import { changesRoom, type Member, othersOf, selfOf, type View } from '../../machines/view.ts';
import type { AddressedMember } from '../media/addressed-table.ts';
import { NearWatch } from './near.ts';
import { PAYLOAD_SHARE } from './prober.ts';
import type { UploadChoice } from './upload.ts';

const NOBODY: ReadonlySet<PeerId> = new Set();

type Members = readonly Pick<AddressedMember, 'peer' | 'compatible' | 'address'>[];

/** Rates are of media: with headers, resends and reports it is so much on the wire. */
export const ON_WIRE = 1.1;

/**
 * @param legs whom something can be sent to
 * @param near whom that reaches without the line
 */
export function demandOf(
  view: View,
  choice: UploadChoice,
  legs: readonly PeerId[],
  near: ReadonlySet<PeerId> = NOBODY,
): Demand {
  const self = selfOf(view);
  const others = othersOf(view);
  const far = others.filter(({ id }) => !near.has(id));
  const ownBps = sendsAtMost(self, far);
  const shortBps = others.reduce((sum, member) => {
    const receivers = [self, ...others.filter((other) => other !== member)];
    return sum + Math.max(0, sendsAtMost(member, receivers) - member.usableBps);
  }, 0);
  return {
    legs,
    wantBps: ON_WIRE * (ownBps + Math.min(choice.lendBps ?? shortBps, shortBps)),
    audioBps: ON_WIRE * sendsAtMost(self, far, ({ media }) => media === 'audio'),
    ...ratesTold(choice),
    asked: new Map(others.flatMap(({ id, downloadBps }) => (downloadBps === null ? [] : [[id, downloadBps]]))),
    ...theirsOf(others.filter((other) => near.has(other.id) && isBehindOurs(self, other))),
  };
}

/** What near members have of the line, on the wire. */
function theirsOf(beside: readonly Member[]): Pick<Demand, 'theirs'> {
  const theirs = beside.flatMap(({ line }): LinePart[] =>
    line === null ? [] : [{ bps: line.bps / PAYLOAD_SHARE, isShort: line.isShort }],
  );
  return theirs.length === 0 ? {} : { theirs };
}

/** Whoever is near may still have a line of its own. */
function isBehindOurs(self: Member, { outside }: Member): boolean {
  return self.outside === null || outside === null || self.outside === outside;
}

/** What a figure lets us use, and the figure, on the wire. */
function ratesTold({ uploadBps, headroom }: UploadChoice): Pick<Demand, 'capBps' | 'toldBps'> {
  if (uploadBps === null) return { capBps: undefined };
  return { capBps: (uploadBps * headroom) / PAYLOAD_SHARE, toldBps: uploadBps / PAYLOAD_SHARE };
}

/** What a member would send to its receivers itself, each stream at its best and of layers the highest one. */
export function sendsAtMost(
  owner: Member,
  receivers: readonly Member[],
  counts: (stream: StreamInfo) => boolean = () => true,
) {
  return receivers.reduce((sum, receiver) => {
    const best = new Map<string, number>();
    for (const stream of owner.streams) {
      if (!counts(stream) || !isServed(owner, stream, receiver)) continue;
      const key = stream.group === null ? `stream ${stream.name}` : `group ${stream.group}`;
      best.set(key, Math.max(best.get(key) ?? 0, stream.maxBps));
    }
    return sum + [...best.values()].reduce((all, bps) => all + bps, 0);
  }, 0);
}

/** The demand as long as room, ways and choice are the same: to count it anew takes 10 ms in a room of 250. */
export class DemandWatch {
  #view: View | undefined;
  #members: Members | undefined;
  #choice: UploadChoice | undefined;
  #near = NOBODY;
  #line = 0;
  #demand: Demand = { legs: [], wantBps: 0, audioBps: 0, capBps: undefined };
  readonly #nearWatch: NearWatch;

  /** @param isOwn whether an address is this machine's, other than of loopback */
  constructor(isOwn: (host: string) => boolean) {
    this.#nearWatch = new NearWatch(isOwn);
  }

  /**
   * Whom we reach without the line: what goes to them is no reason to doubt a figure, and no part of what is measured. Where there is no
   * figure and nobody else, nobody: the own network, or the machine itself, is measured then, since it is all that there is.
   */
  get near(): ReadonlySet<PeerId> {
    return this.#near;
  }

  /** Another number: what was measured until now was no line. A member that was sent to has turned out to be near, or others have come. */
  get line(): number {
    return this.#line;
  }

  /** @param members whom a way may lead to */
  of(view: View | undefined, members: Members, choice: UploadChoice): Demand {
    const before = this.#view;
    const isSame = members === this.#members && choice === this.#choice;
    [this.#view, this.#members, this.#choice] = [view, members, choice];
    if (isSame && (view === before || (view !== undefined && before !== undefined && !changesRoom(before, view))))
      return this.#demand;
    const { reached, near, isAll } = this.#nearWatch.of(members);
    this.#near = isAll && choice.uploadBps === null ? NOBODY : near;
    if (this.#demand.legs.some((peer) => this.#near.has(peer))) this.#line += 1;
    const peers = reached.filter((peer) => !this.#near.has(peer));
    this.#demand =
      view === undefined
        ? { legs: peers, wantBps: 0, audioBps: 0, ...ratesTold(choice) }
        : demandOf(view, choice, peers, this.#near);
    return this.#demand;
  }
}
