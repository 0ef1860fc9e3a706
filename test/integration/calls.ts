/** Calls in this process, over a real server and real UDP, watched through their log and a sink of the test. */
import type { ExecutionContext } from 'ava';
import { z } from 'zod';
import { Call } from '../../actors/call/call.ts';
import { Journal } from '../../actors/journal/journal.ts';
import { parsePeerOptions } from '../../actors/options/options.ts';
import type { RemoteStream } from '../../actors/sink/contract.ts';
import { readSsrc } from '../../infra/rtp/header.ts';
import type { View } from '../../machines/view.ts';
import { Arrivals } from './arrivals.ts';
import { type Logged, ROOMY } from './peer-process.ts';

const logged = z.looseObject({ event: z.string() });

export interface WatchedCall {
  readonly call: Call;
  readonly log: Arrivals<Logged>;
  readonly views: Arrivals<View>;
  /** What a sink is to play, each time that changes. */
  readonly shown: Arrivals<readonly RemoteStream[]>;
  /** SSRCs of the packets that a sink gets. */
  readonly played: Arrivals<number>;
}

/** Joins with these arguments; leaves when the test ends. */
export async function joinCall(t: ExecutionContext, nats: string, ...args: readonly string[]): Promise<WatchedCall> {
  // Tests speak for others by hand: nobody is to be known from another test.
  const parsed = parsePeerOptions([...ROOMY, '--nats', nats, '--listen', '127.0.0.1:0', '--identity', 'none', ...args]);
  if ('help' in parsed) throw new Error('these are no arguments of a peer');
  const log = new Arrivals<Logged>();
  const lines = { write: (line: string) => log.add(logged.parse(JSON.parse(line))) };
  const journal = new Journal({ peer: parsed.options.id, lines, now: () => performance.now() });
  const call = await Call.open(parsed.options, journal);
  t.teardown(async () => {
    call.leave();
    await call.ended;
    await call.close();
  });
  const views = new Arrivals<View>();
  call.onView(views.add);
  const [shown, played] = [new Arrivals<readonly RemoteStream[]>(), new Arrivals<number>()];
  const sink = {
    setStreams: shown.add,
    deliver: (packet: Uint8Array) => played.add(readSsrc(packet)),
    report: () => undefined,
  };
  call.addSink(sink);
  return { call, log, views, shown, played };
}

/** A view in which this member is. */
export const sees = (id: string) => (view: View) => view.members.has(id);
