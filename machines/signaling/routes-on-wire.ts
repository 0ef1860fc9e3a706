/**
 * How the routes of one's own streams go into a profile: every receiver is named once, and each route has a bitmap over these.
 * In a room of a hundred that is a tenth of what names would take. Pure.
 */
import type { Body, PeerId, RouteInfo, StreamInfo } from '../messages.ts';

type WireRoutes = Pick<Body<'profile'>, 'receivers' | 'routes'>;

/** Routes as a profile carries them; those of streams that are not in the list are left out. */
export function packRoutes(streams: readonly StreamInfo[], routes: readonly RouteInfo[]): WireRoutes {
  const receivers = [...new Set(routes.flatMap((route) => route.receivers))].sort();
  const place = new Map(receivers.map((receiver, index) => [receiver, index]));
  return {
    receivers,
    routes: routes.flatMap(({ stream, relay, slices, receivers }) => {
      const index = streams.findIndex(({ name }) => name === stream);
      return index < 0 ? [] : [{ stream: index, relay, slices, to: bitmapOf(receivers, place) }];
    }),
  };
}

/** The inverse; bits and streams that stand for nothing are nobody's. */
export function unpackRoutes(
  streams: readonly StreamInfo[],
  receivers: readonly PeerId[],
  routes: WireRoutes['routes'],
): RouteInfo[] {
  return routes.flatMap(({ stream: index, relay, slices, to }) => {
    const stream = streams[index]?.name;
    if (stream === undefined) return [];
    return [{ stream, relay, slices, receivers: receiversIn(to, receivers) }];
  });
}

const BITS_PER_DIGIT = 4;

function bitmapOf(receivers: readonly PeerId[], place: ReadonlyMap<PeerId, number>): string {
  const digits: number[] = [];
  for (const receiver of receivers) {
    const at = place.get(receiver) ?? 0;
    const digit = Math.floor(at / BITS_PER_DIGIT);
    while (digits.length <= digit) digits.push(0);
    digits[digit] = (digits[digit] ?? 0) | (1 << (at % BITS_PER_DIGIT));
  }
  return digits.map((digit) => digit.toString(16)).join('');
}

function receiversIn(bitmap: string, receivers: readonly PeerId[]): PeerId[] {
  return receivers.filter((_, at) => {
    const digit = Number.parseInt(bitmap[Math.floor(at / BITS_PER_DIGIT)] ?? '0', 16);
    return (digit & (1 << (at % BITS_PER_DIGIT))) !== 0;
  });
}
