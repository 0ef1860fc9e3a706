/** What comes to an address that B names as its own and that is a stranger's: checks, and never media. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Outcome, type Play, timed, untilMedia } from '../play.ts';

/** The fullest second is among the first ones: checks grow rarer. In ms. */
const WATCHED_MS = 10_000;
const SECOND_MS = 1_000;
/** Of the address that is named as B's. */
export const STRANGERS_PORT = 5_000;
/** What the stranger sends to itself once it has heard enough. */
const LAST = 'last';
/** Less than this is the first byte of STUN (RFC 7983). */
const FIRST_BYTES_OF_STUN = 4;

export async function checksOfStranger(play: Play): Promise<Outcome> {
  const { seats, signal } = play;
  const { stranger } = seats;
  if (stranger === undefined) throw new Error('a case in which a stranger is named has one');
  await using probe = await stranger.probe({ port: STRANGERS_PORT });
  const met = await untilMedia(play);
  await delay(WATCHED_MS, undefined, { signal });
  await probe.send(LAST, { host: stranger.ipv4, port: STRANGERS_PORT });
  const heard = await probe.until(LAST);
  const checks = heard.filter(({ bytes }) => (bytes[0] ?? 0) < FIRST_BYTES_OF_STUN).map(({ atMs }) => atMs);
  const fullest = Math.max(
    0,
    ...checks.map((fromMs) => checks.filter((ms) => ms >= fromMs && ms < fromMs + SECOND_MS).length),
  );
  const counts = { 'checks of it in a second': fullest, 'other packets to it': heard.length - checks.length };
  return { ...timed(met), ms: undefined, counts };
}
