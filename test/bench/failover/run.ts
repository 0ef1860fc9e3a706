/** One run: a room of its own settles, the relay goes, and it is seen what its client's receivers waited for and missed. */
import type { PeerReport } from '../../../actors/call/control.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { Dilation } from '../../network/dilation/dilation.ts';
import type { Snapshot } from '../../scenarios/judging/delivery.ts';
import { inRoom } from '../../scenarios/playing/in-room.ts';
import { Measurement } from '../../scenarios/playing/measurement.ts';
import { CLIENT, FAILOVERS, type Kind, PEERS } from './kinds.ts';
import { openGround } from './outage.ts';
import type { Run } from './report.ts';

/** What was swallowed has been sent again by then. In ms. */
const AFTER_MS = 2_500;
/** The last packet before what happens came within this: a gap begins with it. In ms. */
const BEFORE_MS = 50;

export async function runOnce(kind: Kind, dilation: Dilation, signal: AbortSignal): Promise<Run> {
  await using ground = await openGround(dilation);
  return await inRoom(PEERS, { ground, signal }, async ({ room, signal: ended }) => {
    for (const { id } of PEERS) await room.join(id);
    const missing = await room.settle();
    if (missing.length > 0) throw new Error(`the room did not settle: ${missing[0]}`);
    const relay = await room.find({ relayOf: CLIENT });
    const served = receiversThrough(relay, await room.ask());
    const measurement = await Measurement.start(room);
    const since = dilation.epochMs() - BEFORE_MS;
    const gone = await FAILOVERS[kind].happen({ room, relay, outage: ground.outage, signal: ended });
    await dilation.delay(AFTER_MS, ended);
    const answers = await room.ask({ gapsSince: since });
    const deliveries = await measurement.finish();
    const counted = deliveries.filter(({ source, receiver }) => !gone.includes(source) && !gone.includes(receiver));
    const receivers = served.filter((receiver) => !gone.includes(receiver));
    return {
      gapsMs: receivers.map((receiver) => worstAt(receiver, answers, ({ longestGapMs }) => longestGapMs)),
      latestMs: receivers.map((receiver) => worstAt(receiver, answers, ({ latestMs }) => latestMs)),
      lost: counted.reduce((sum, { lost }) => sum + lost, 0),
      duplicates: counted.reduce((sum, { duplicates }) => sum + duplicates, 0),
    };
  });
}

/** Who gets the client's packets, or some of them, through this relay. */
function receiversThrough(relay: PeerId, now: Snapshot): PeerId[] {
  return [...now].flatMap(([receiver, { receptions }]) =>
    receptions.some(({ source, via }) => source === CLIENT && (via[relay] ?? 0) > 0) && receiver !== relay
      ? [receiver]
      : [],
  );
}

/** Of all that comes of the client there. */
function worstAt(
  receiver: PeerId,
  answers: Snapshot,
  of: (reception: PeerReport['receptions'][number]) => number | null,
): number {
  const receptions = answers.get(receiver)?.receptions.filter(({ source }) => source === CLIENT) ?? [];
  return Math.max(...receptions.map((reception) => of(reception) ?? Number.POSITIVE_INFINITY));
}
