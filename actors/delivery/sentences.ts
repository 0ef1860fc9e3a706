/** What is said where media does not arrive: what is seen, the likely cause, and what can be done, at the end that hears it. */
import type { DeliveryNews, MissingCause, UndeliveredCause } from './contract.ts';
import { dropsText } from './drops.ts';

type Of<T extends DeliveryNews['type']> = Extract<DeliveryNews, { type: T }>;
type Sentences = { readonly [T in DeliveryNews['type']]: (news: Of<T>) => string };

export const DELIVERY_SENTENCES: Sentences = {
  'media.missing': (news) => MISSING[news.cause](news),
  'media.arrives': ({ peer, stream }) => `${stream} of ${peer} arrives again`,
  'media.undelivered': (news) => UNDELIVERED[news.cause](news),
  'media.delivered': ({ peer, stream }) => `${stream} gets to ${peer} again`,
  'program.stopped': ({ stream }) => `the program that feeds ${stream} has stopped: start it again`,
  'program.resumed': ({ stream }) => `the program that feeds ${stream} goes on`,
  'packets.dropped': ({ reasons }) => `dropped packets: ${dropsText(reasons)}`,
};

const MISSING: { readonly [C in MissingCause]: (news: Of<'media.missing'>) => string } = {
  silence: ({ peer, stream, address }) =>
    `${stream} of ${peer} does not come, nor anything else from ${address}: a firewall, or a wrong address. ` +
    `Let UDP in here, and see what ${peer} tells by --advertise`,
  stopped: ({ peer, stream }) => `${peer} sends nothing of ${stream}: its program has stopped, or not begun`,
  lost: ({ peer, stream }) =>
    `${peer} says that it sends ${stream}, and none of it comes: it is lost on the way. Try a smaller packet size there`,
  loss: ({ peer, stream, loss = 0 }) =>
    `${percent(loss)} of ${stream} of ${peer} is lost: an uplink on the way is full. Lower --bitrate or --upload there`,
};

const UNDELIVERED: { readonly [C in UndeliveredCause]: (news: Of<'media.undelivered'>) => string } = {
  silence: ({ peer, stream, address }) =>
    `${stream} may not get to ${peer}, for nothing comes from ${address}: a firewall, or a wrong address. ` +
    `Let UDP in here, and see what --advertise tells at both ends`,
  lost: ({ peer, stream }) =>
    `${stream} does not get to ${peer}, which reports none of it: it is lost on the way. Let UDP in at ${peer}`,
  loss: ({ peer, stream, loss = 0 }) =>
    `${peer} loses ${percent(loss)} of ${stream}: the uplink here, or that of a relay, is full. Lower --bitrate, or --upload to what it carries`,
};

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
