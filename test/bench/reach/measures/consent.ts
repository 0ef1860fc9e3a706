/**
 * From when B neither answers nor checks any more, though it is there and sends its stream, until A has sent it the last packet of
 * media (RFC 7675). What comes to B is counted by the kernel of its host.
 */
import type { Host } from '../../../network/parts/host.ts';
import { lookFor, type Outcome, type Play, timed, untilMedia } from '../play.ts';

/** Twice what is allowed. In ms. */
const PATIENCE_MS = 60_000;
/** What has not come for so long has stopped: packets are 27 ms apart, and reports of what is not received a second. In ms. */
const STOPPED_MS = 6_000;

/** RTP and RTCP by their version, 2; STUN by its first byte, which is less than 4 (RFC 7983). */
const WITHDRAW = `
nft -f - <<END
table inet consent {
  counter media { }
  chain input { type filter hook input priority 0;
    meta l4proto udp @th,64,2 2 counter name media
    meta l4proto udp @th,64,8 < 4 drop
  }
  chain output { type filter hook output priority 0; meta l4proto udp @th,64,8 < 4 drop; }
}
END`;

export async function untilSendingStops(play: Play): Promise<Outcome> {
  const { seats, signal } = play;
  if ((await untilMedia(play)) === undefined) return timed(undefined);
  const withdrawnMs = performance.now();
  await seats.b.run(WITHDRAW);
  try {
    let [count, lastMs] = [-1, withdrawnMs];
    const stoppedMs = await lookFor(
      signal,
      async () => {
        const now = await mediaAt(seats.b);
        if (now !== count) [count, lastMs] = [now, performance.now()];
        return performance.now() - lastMs >= STOPPED_MS ? lastMs : undefined;
      },
      PATIENCE_MS,
    );
    return timed(stoppedMs === undefined ? undefined : stoppedMs - withdrawnMs);
  } finally {
    await seats.b.run('nft delete table inet consent');
  }
}

async function mediaAt(host: Host): Promise<number> {
  const [, packets] = /packets (\d+)/.exec(await host.run('nft list counter inet consent media')) ?? [];
  return Number(packets);
}
