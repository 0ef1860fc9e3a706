/** A connection to the message bus: bytes in, bytes out, and a plain word on whether it is up. */
import { type ConnectionOptions, connect, errors, type Msg, type NatsConnection } from 'nats';
import { type NatsAddress, parseNatsAddress } from './address.ts';
import { NatsError } from './errors.ts';
import { connectFailure, tooLarge, unreachable } from './failures.ts';
import { probeNats } from './probe.ts';

/** A first connection that takes longer has failed: a person is waiting. In ms. */
const FIRST_CONNECT_MS = 4_000;
/** Of that, how long the server may take to greet, in ms. The rest is for the handshake. */
const GREETING_MS = 2_500;
/** A server that misses two pings is dead, so silence is noticed after three of these, in ms. */
const PING_INTERVAL_MS = 1_000;
const MAX_PINGS_OUT = 2;
/** Pause between attempts to reconnect, in ms, with a jitter so that a room does not return in one burst. */
const RECONNECT_WAIT_MS = 250;
const RECONNECT_JITTER_MS = 100;
/** A close may take this long to send what is pending, in ms; the peer has promised to be gone soon after. */
const DRAIN_MS = 300;
const CLOSE_MS = 100;
/** Reply subjects live here. Answers to anything else are refused: see {@link MessageHandler}. */
const INBOX = '_INBOX.';

/**
 * Takes one message. `reply` is present when the sender waits for an answer. Only inbox subjects are passed on as
 * `reply`: an answer is published under our own name, so a sender who could name any subject could speak as us.
 */
export type MessageHandler = (subject: string, bytes: Uint8Array, reply?: string) => void;

export type BusStatus =
  | { readonly state: 'connected' }
  | { readonly state: 'disconnected' }
  /** The server's permissions refused one of our subjects. The connection itself is fine. */
  | { readonly state: 'forbidden'; readonly operation: 'publish' | 'subscription'; readonly subject: string };

export type RequestOutcome =
  | { readonly outcome: 'reply'; readonly bytes: Uint8Array }
  /** Nobody is subscribed: known at once, from the server. */
  | { readonly outcome: 'noResponders' }
  | { readonly outcome: 'timeout' };

export interface NatsConnectOptions {
  /** `nats://[user:password@]host[:port]` */
  readonly url: string;
  /** Our name on the server, and the name of our inbox (`_INBOX.<id>`), which permissions can then protect. */
  readonly id: string;
}

export interface NatsBus extends AsyncDisposable {
  /** The server's address, without credentials. */
  readonly url: string;
  /** The largest payload that the server takes, in bytes. */
  readonly maxPayloadBytes: number;
  readonly connected: boolean;
  /**
   * Sends a message to everyone subscribed except ourselves. While the server is away it is dropped, not queued (an old
   * message is worse than none), and the result is `false`.
   *
   * @throws {NatsError} `nats.tooLarge`
   */
  publish(subject: string, bytes: Uint8Array): boolean;
  /** Calls `handler` for each message; survives reconnects. Returns the function that unsubscribes. */
  subscribe(subject: string, handler: MessageHandler): () => void;
  /**
   * Sends a message and waits up to `timeoutMs` for the first answer.
   *
   * @throws {NatsError} `nats.tooLarge`, `nats.forbidden`
   */
  request(subject: string, bytes: Uint8Array, timeoutMs: number): Promise<RequestOutcome>;
  /** Resolves when the server has handled all that was sent before: subscriptions are then in place. */
  flush(): Promise<void>;
  /** Calls `listener` on each change. Returns the function that stops it. */
  onStatus(listener: (status: BusStatus) => void): () => void;
  /** Sends what is pending and closes, within half a second whatever the network does. */
  close(): Promise<void>;
}

/**
 * Connects to a NATS server. Fails within five seconds when there is none; once connected, it reconnects for ever.
 *
 * @throws {NatsError} `nats.badUrl`, `nats.unreachable`, `nats.authorization`
 */
export async function connectNats(options: NatsConnectOptions): Promise<NatsBus> {
  const address = parseNatsAddress(options.url);
  const probed = await probeNats(address, GREETING_MS);
  if (probed.found !== 'server') throw unreachable(address, probed);
  try {
    return openBus(address, await connect(connectionOptions(address, options.id)));
  } catch (error) {
    throw connectFailure(address, error);
  }
}

function connectionOptions(address: NatsAddress, id: string): ConnectionOptions {
  return {
    servers: `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`,
    name: id,
    inboxPrefix: `${INBOX}${id}`,
    noEcho: true,
    user: address.user,
    pass: address.password,
    token: address.token,
    ...(address.tls ? { tls: {} } : {}),
    timeout: FIRST_CONNECT_MS - GREETING_MS,
    // Node tries a name's addresses side by side; the client would wait for each in turn.
    resolve: false,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_JITTER_MS,
    pingInterval: PING_INTERVAL_MS,
    maxPingOut: MAX_PINGS_OUT,
    // Credentials may be refused for a moment while a server restarts with a new configuration.
    ignoreAuthErrorAbort: true,
    // A server's cluster may announce addresses that are not reachable from a home network.
    ignoreClusterUpdates: true,
  };
}

function openBus(address: NatsAddress, connection: NatsConnection): NatsBus {
  const listeners = new Set<(status: BusStatus) => void>();
  let connected = true;
  let maxPayloadBytes = connection.info?.max_payload ?? 0;

  const tell = (status: BusStatus) => {
    if (status.state !== 'forbidden') connected = status.state === 'connected';
    maxPayloadBytes = connection.info?.max_payload ?? maxPayloadBytes;
    for (const listener of listeners) listener(status);
  };
  const checkSize = (subject: string, bytes: Uint8Array) => {
    if (bytes.length > maxPayloadBytes) throw tooLarge(subject, bytes.length, maxPayloadBytes);
  };
  void followStatus(connection, tell);

  const bus: NatsBus = {
    url: address.url,
    get maxPayloadBytes() {
      return maxPayloadBytes;
    },
    get connected() {
      return connected;
    },
    publish(subject, bytes) {
      checkSize(subject, bytes);
      if (!connected || connection.isClosed() || connection.isDraining()) return false;
      connection.publish(subject, bytes);
      return true;
    },
    subscribe(subject, handler) {
      const subscription = connection.subscribe(subject, { callback: (error, msg) => deliver(error, msg, handler) });
      return () => subscription.unsubscribe();
    },
    async request(subject, bytes, timeoutMs) {
      checkSize(subject, bytes);
      return requestOnce(connection, subject, bytes, timeoutMs);
    },
    flush: () => connection.flush(),
    onStatus(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => closeSoon(connection, connected),
    [Symbol.asyncDispose]: () => bus.close(),
  };
  return bus;
}

function deliver(error: Error | null, msg: Msg, handler: MessageHandler): void {
  // A refused subscription arrives here as an error; `followStatus` has already told of it.
  if (error !== null) return;
  try {
    handler(msg.subject, msg.data, msg.reply?.startsWith(INBOX) ? msg.reply : undefined);
  } catch (failure) {
    // The client would swallow it and never read again. A bug must be loud instead.
    queueMicrotask(() => {
      throw failure;
    });
  }
}

async function followStatus(connection: NatsConnection, tell: (status: BusStatus) => void): Promise<void> {
  for await (const status of connection.status()) {
    if (status.type === 'disconnect') tell({ state: 'disconnected' });
    else if (status.type === 'reconnect') tell({ state: 'connected' });
    else if (status.type === 'error' && status.error instanceof errors.PermissionViolationError) {
      tell({ state: 'forbidden', operation: status.error.operation, subject: status.error.subject });
    }
  }
}

async function requestOnce(
  connection: NatsConnection,
  subject: string,
  bytes: Uint8Array,
  timeoutMs: number,
): Promise<RequestOutcome> {
  try {
    const answer = await connection.request(subject, bytes, { timeout: timeoutMs });
    return { outcome: 'reply', bytes: answer.data };
  } catch (error) {
    const cause = error instanceof errors.RequestError ? (error.cause ?? error) : error;
    if (error instanceof errors.RequestError && error.isNoResponders()) return { outcome: 'noResponders' };
    if (cause instanceof errors.PermissionViolationError) {
      throw new NatsError('nats.forbidden', `The NATS server does not let us publish on ${subject}.`, { cause });
    }
    // Closed, draining or disconnected under way: to the asker, nobody answered in time.
    return { outcome: 'timeout' };
  }
}

async function closeSoon(connection: NatsConnection, connected: boolean): Promise<void> {
  if (connection.isClosed()) return;
  if (connected && !connection.isDraining()) await within(DRAIN_MS, connection.drain());
  if (!connection.isClosed()) await within(CLOSE_MS, connection.close());
}

/** Waits for `work` to end, well or badly, but no longer than `ms`. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.allSettled([work]), deadline]);
  clearTimeout(timer);
}
