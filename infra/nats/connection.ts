/** A connection to the message bus: bytes in, bytes out, and a plain word on whether it is up. */
import { type ConnectionOptions, connect, errors, type Msg, type NatsConnection } from 'nats';
import { type NatsAddress, type NatsAddresses, parseNatsAddresses } from './address.ts';
import { NatsError } from './errors.ts';
import { connectFailure, tooLarge, unreachable } from './failures.ts';
import { authenticatorOf, type NatsFiles, trustedCa } from './files.ts';
import { type ProbeResult, probeNats } from './probe.ts';
import { type BusStatus, followStatus } from './status.ts';

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

export type RequestOutcome =
  | { readonly outcome: 'reply'; readonly bytes: Uint8Array }
  /** Nobody is subscribed: known at once, from the server. */
  | { readonly outcome: 'noResponders' }
  | { readonly outcome: 'timeout' };

export interface NatsConnectOptions {
  /** `nats://[user:password@]host[:port]`, or several with commas between them. */
  readonly url: string;
  /** Credentials and certificates. */
  readonly files?: NatsFiles;
  /** Our name on the server, and the name of our inbox (`_INBOX.<id>`), which permissions can then protect. */
  readonly id: string;
}

export interface NatsBus extends AsyncDisposable {
  /** The address of the server that is connected, or was last, without credentials. */
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
  /**
   * Resolves when the server has handled all that was sent before: subscriptions are then in place. Also when the connection breaks
   * meanwhile: subscriptions are made again with the next one.
   */
  flush(): Promise<void>;
  /** Calls `listener` on each change. Returns the function that stops it. */
  onStatus(listener: (status: BusStatus) => void): () => void;
  /** Sends what is pending and closes, within half a second whatever the network does. */
  close(): Promise<void>;
}

/**
 * Connects to a NATS server. Fails within five seconds when there is none; once connected, it reconnects for ever, unless
 * our credentials are refused: see {@link BusStatus}.
 *
 * @throws {NatsError} `nats.badUrl`, `nats.badFile`, `nats.unreachable`, `nats.authorization`, `nats.certificate`
 */
export async function connectNats(options: NatsConnectOptions): Promise<NatsBus> {
  const addresses = parseNatsAddresses(options.url);
  const clientOptions = connectionOptions(addresses, options);
  const present = await firstPresent(addresses);
  try {
    return openBus(addresses, await connect(clientOptions));
  } catch (error) {
    throw connectFailure(present, error);
  }
}

/** The first of the addresses where a server answers; all are asked at once. */
async function firstPresent(addresses: NatsAddresses): Promise<NatsAddress> {
  const probed = await Promise.all(addresses.map((address) => probeNats(address, GREETING_MS)));
  const present = addresses.find((_, index) => probed[index]?.found === 'server');
  if (present !== undefined) return present;
  throw unreachable(addresses.map((address, index) => ({ address, probed: probed[index] ?? NOBODY })));
}

const NOBODY: ProbeResult = { found: 'nobody' };

function connectionOptions(addresses: NatsAddresses, { id, files = {} }: NatsConnectOptions): ConnectionOptions {
  const [{ tls, user, password, token }] = addresses;
  const authenticator = authenticatorOf(files);
  const ca = trustedCa(files);
  if (authenticator !== undefined && (user !== undefined || token !== undefined)) {
    throw new NatsError('nats.badUrl', 'Give the credentials in the NATS address or in a file, not in both.');
  }
  return {
    servers: addresses.map(serverOf),
    // All members of a room try them in the same order, so that those of no cluster meet all the same.
    noRandomize: true,
    name: id,
    inboxPrefix: `${INBOX}${id}`,
    noEcho: true,
    ...(authenticator === undefined ? { user, pass: password, token } : { authenticator }),
    ...(tls || ca !== undefined ? { tls: ca === undefined ? {} : { ca } } : {}),
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

/** As the client wants it. */
function serverOf({ host, port }: NatsAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function openBus(addresses: NatsAddresses, connection: NatsConnection): NatsBus {
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
    get url() {
      const current = connection.getServer();
      return (addresses.find((address) => serverOf(address) === current) ?? addresses[0]).url;
    },
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
    flush: () => connection.flush().catch(() => undefined),
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
