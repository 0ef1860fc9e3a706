/** What a message on the bus says, in one line for a person. */
import { endpointText } from '../../infra/path/table/addresses.ts';
import { formatRate } from '../../infra/units/rate.ts';
import type { Incoming, LegGroup, StreamName } from '../../machines/messages.ts';
import { unpackRoutes } from '../../machines/signaling/routes-on-wire.ts';
import { ALL_SLICES, SLICE_COUNT, sliceCount, sliceHex } from '../../machines/slices.ts';

/** What a request or an offer says of one stream. */
interface Relayed {
  readonly stream: StreamName;
  readonly legs: readonly LegGroup[];
}

/** The kind of a message, and in brackets what it says. */
export function textOf(message: Incoming): string {
  switch (message.kind) {
    case 'invite':
    case 'answer': {
      const { compatible, streams } = message.body;
      const shows = streams.map(({ name, codec, rateBps }) => `${name} ${codec} ${formatRate(rateBps)}`).join(', ');
      return `${message.kind} (${compatible ? '' : 'plain RTP, '}${shows || 'no stream'})`;
    }
    case 'bye':
      return `bye (${message.body.reason})`;
    case 'beat':
      return `beat (profile ${message.body.profile})`;
    case 'profile.ask':
    case 'media.keys.ask':
    case 'media.digests':
    case 'media.digests.ask':
      return message.kind;
    case 'media.keys':
      return `media.keys (for ${message.body.keys.map(({ to }) => to).join(', ')})`;
    case 'profile': {
      const { number, uploadBps, promisedBps, streams, receivers, routes, leaving } = message.body;
      const ways = unpackRoutes(streams, receivers, routes).map(
        (route) =>
          `${route.stream} to ${route.receivers.join(' ')} ${route.relay === null ? 'direct' : `via ${route.relay}`}`,
      );
      const promised = promisedBps > 0 ? `, ${formatRate(promisedBps)} promised` : '';
      const state = `${leaving ? 'leaving, ' : ''}${formatRate(uploadBps)}${promised}`;
      return `profile ${number} (${state}${ways.map((way) => `, ${way}`).join('')})`;
    }
    case 'chat':
      return `chat (${message.body.text.length} characters)`;
    case 'relay.request':
    case 'relay.offer':
      return `${message.kind} ${message.body.agreement} r${message.body.revision} (${relayed(message.body.streams)})`;
    case 'relay.reject':
      return `${message.kind} ${message.body.agreement} r${message.body.revision} (${message.body.code})`;
    case 'pair.candidates': {
      const places = message.body.candidates.map(({ kind, host, port }) => `${kind} ${endpointText({ host, port })}`);
      return `${message.kind} (${places.join(', ') || 'none'})`;
    }
    case 'media.missing':
      return `${message.kind} (${message.body.stream}, slices ${sliceHex(message.body.slices)})`;
    case 'media.forged':
      return `${message.kind} (${message.body.stream} through ${message.body.relay})`;
    case 'relay.release':
      return `${message.kind} ${message.body.agreement} (${message.body.reason}${message.body.noticeMs > 0 ? `, in ${message.body.noticeMs} ms` : ''})`;
  }
}

/** `camera to A, B (4/16), voice to A`: the share of the stream where it is not the whole. */
export function relayed(streams: readonly Relayed[]): string {
  const told = streams
    .filter(({ legs }) => legs.length > 0)
    .map(({ stream, legs }) => `${stream} to ${receivers(legs)}`);
  return told.length === 0 ? 'nothing' : told.join(', ');
}

function receivers(legs: readonly LegGroup[]): string {
  const part = (slices: number) => (slices === ALL_SLICES ? '' : ` (${sliceCount(slices)}/${SLICE_COUNT})`);
  return legs.flatMap(({ slices, receivers }) => receivers.map((id) => `${id}${part(slices)}`)).join(', ');
}
