/** Whether the bus is up, in plain words. */
import { errors, type NatsConnection } from 'nats';
import { isRefusal } from './failures.ts';

export type BusStatus =
  | { readonly state: 'connected' }
  | { readonly state: 'disconnected' }
  /** The server has not taken our credentials for so long that it means it. Told once for each disconnection; we go on trying. */
  | { readonly state: 'refused' }
  /** The server's permissions refused one of our subjects. The connection itself is fine. */
  | { readonly state: 'forbidden'; readonly operation: 'publish' | 'subscription'; readonly subject: string };

/** A server that restarts with a new configuration may refuse a user that it takes a moment later. In ms. */
const REFUSED_FOR_MS = 2_000;

/** Tells of every change until the connection is closed. `now`: ms on a monotonic clock. */
export async function followStatus(
  connection: Pick<NatsConnection, 'status'>,
  tell: (status: BusStatus) => void,
  now: () => number = () => performance.now(),
): Promise<void> {
  let refusedSince: number | undefined;
  let told = false;
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') tell({ state: 'disconnected' });
    else if (status.type === 'reconnect') {
      refusedSince = undefined;
      told = false;
      tell({ state: 'connected' });
    } else if (status.type === 'error' && status.error instanceof errors.PermissionViolationError) {
      tell({ state: 'forbidden', operation: status.error.operation, subject: status.error.subject });
    } else if (status.type === 'error' && isRefusal(status.error)) {
      refusedSince ??= now();
      if (told || now() - refusedSince < REFUSED_FOR_MS) continue;
      told = true;
      tell({ state: 'refused' });
    }
  }
}
