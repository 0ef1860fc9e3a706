/** A process with several of the bench's peers. Its only argument is a JSON {@link HostOptions}. */
import { connectNats, type NatsBus } from '../../../infra/nats/connection.ts';
import type { Kind } from '../../../machines/messages.ts';
import { benchMember, memberId } from './bench-member.ts';
import { BenchPeer } from './bench-peer.ts';
import { hostSchema, hostSubject, type Order, orderSchema, type Report } from './contract.ts';

const { name, nats, control, size, own } = hostSchema.parse(JSON.parse(process.argv[2] ?? ''));
const CONNECT_ATTEMPTS = 20;

const peers = new Map<number, BenchPeer>();
/** Of those that have not joined yet: opened before anybody has anything to do. */
const connections = new Map<number, NatsBus>();
for (const index of own) connections.set(index, await connect(index));
const bus = await connectNats({ url: control, id: name });

/** A process that plans for many peers may be too busy to be connected in time: it is tried again. */
async function connect(index: number): Promise<NatsBus> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connectNats({ url: nats, id: memberId(index) });
    } catch (error) {
      if (attempt === CONNECT_ATTEMPTS) throw error;
    }
  }
}

async function obey(order: Order): Promise<void> {
  if (order.order === 'report') return;
  for (const peer of order.peers) await (order.order === 'join' ? join(peer) : leave(peer));
}

async function join(index: number): Promise<void> {
  const profile = benchMember(index, size);
  const connection = connections.get(index) ?? (await connect(index));
  connections.delete(index);
  const peer = new BenchPeer(connection, profile);
  peers.set(index, peer);
  peer.ended.then(
    () => peers.has(index) && fail(new Error(`P${index} ended`)),
    (error: unknown) => fail(error),
  );
}

async function leave(index: number): Promise<void> {
  const peer = peers.get(index);
  peers.delete(index);
  await peer?.leave();
}

function report(): Report {
  const joined = [...peers.values()].filter(({ isJoined }) => isJoined);
  const sent: Partial<Record<Kind, number>> = {};
  let dropped = 0;
  for (const { bus } of joined) {
    const counters = bus.counters();
    for (const [kind, count] of Object.entries(counters.sent) as [Kind, number][])
      sent[kind] = (sent[kind] ?? 0) + count;
    for (const count of Object.values(counters.dropped)) dropped += count;
  }
  const { user, system } = process.cpuUsage();
  return {
    joined: joined.length,
    connected: joined.filter(({ nats }) => nats.connected).length,
    leastSeen: Math.min(...joined.map(({ view }) => view?.members.size ?? 0), size),
    relayedLegs: joined.reduce((sum, { relayedLegs }) => sum + relayedLegs, 0),
    sent,
    dropped,
    cpuMs: (user + system) / 1000,
  };
}

function fail(error: unknown): void {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
}

bus.subscribe(hostSubject(name), (_subject, bytes, reply) => {
  const order = orderSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  obey(order).then(() => {
    if (reply !== undefined) bus.publish(reply, new TextEncoder().encode(JSON.stringify(report())));
  }, fail);
});
