/** With whom a line may be measured, and up to which rate: padding goes only to who has agreed to receive so much. */
import type { PeerId } from '../../machines/messages.ts';
import type { Demand } from '../../machines/uplink/contract.ts';
import { type Member, othersOf, type View } from '../../machines/view.ts';
import type { AddressedMember } from '../media/addressed-table.ts';

/** What a member says that it is whose user lets others measure their lines against it: `rpr uplink --serve`. */
export const SERVING = 'rpr uplink --serve';

export interface ProbeChoice {
  /** `--with`; null: all whose users let others measure. */
  readonly with: PeerId | null;
  /** `--up-to`, in bit/s on the wire. */
  readonly upToBps: number;
}

/** Who serves says how much it takes; of anybody else only who is named and has told by `--download` what it can receive. */
export function agreedMembers(view: View, choice: ProbeChoice): Member[] {
  const named = othersOf(view).filter(({ id }) => choice.with === null || id === choice.with);
  return named.filter(
    ({ software, downloadBps, compatible, leaving }) =>
      compatible && !leaving && downloadBps !== null && (software === SERVING || choice.with !== null),
  );
}

/** What the controller is to look for: all that the agreed members together take. */
export function probeDemand(
  view: View | undefined,
  members: readonly Pick<AddressedMember, 'peer' | 'address'>[],
  choice: ProbeChoice,
): Demand {
  const agreed = view === undefined ? [] : agreedMembers(view, choice);
  const reached = new Set(members.filter(({ address }) => address !== null).map(({ peer }) => peer));
  const legs = agreed.filter(({ id }) => reached.has(id));
  // Padding goes to all in turn: each gets the same.
  const leastBps = Math.min(...legs.map(({ downloadBps }) => downloadBps ?? 0));
  const wantBps = legs.length === 0 ? 0 : Math.min(choice.upToBps, legs.length * leastBps);
  return { legs: legs.map(({ id }) => id), wantBps, audioBps: 0, capBps: undefined };
}
