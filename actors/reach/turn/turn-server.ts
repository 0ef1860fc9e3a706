/** The client of `--turn`, over our media socket. */
import { canSendTo } from '../../../infra/network/scope.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import { freshTransactionId } from '../../../infra/stun/write.ts';
import { TurnClient } from '../../../infra/turn/client.ts';
import type { TurnAccount } from '../../options/contract.ts';

/**
 * @param addresses of the server, as its name has been resolved
 * @param bound of the media socket: one on IPv4 sends to no IPv6 address, and one on a single IPv6 address to no IPv4 address
 * @returns null where the socket can send to none of them
 */
export function turnClientFor(
  { username, password }: TurnAccount,
  addresses: readonly Endpoint[],
  bound: Endpoint,
): TurnClient | null {
  const [first, ...rest] = addresses.filter(({ host }) => canSendTo(bound.host, host));
  if (first === undefined) return null;
  return new TurnClient({ servers: [first, ...rest], username, password, transactionId: freshTransactionId });
}
