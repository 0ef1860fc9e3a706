/** The media of a tab over a link that is none: from the offer to packets both ways, without a browser. */
import test from 'ava';
import type { SentTrack } from '../../../actors/page/messages.ts';
import { pageCodecs } from '../../../actors/page/page-codecs.ts';
import { PageTracks } from '../../../actors/page/page-tracks.ts';
import { PageSink } from '../../../actors/page/slots/page-sink.ts';
import { type PageLink, TabMedia } from '../../../actors/page/tab-media.ts';
import { readSsrc } from '../../../infra/rtp/header.ts';
import type { LinkMedia, WebRtcLinkOptions } from '../../../infra/webrtc/contract.ts';
import { WebRtcError } from '../../../infra/webrtc/errors.ts';
import { rtpPacket } from '../../rtp/packets.ts';

const OPUS = { payloadType: 109, codec: 'opus/48000/2', fmtp: '' };
const MEDIA: readonly LinkMedia[] = [
  { direction: 'send', mid: '0', kind: 'audio', rids: [], formats: [OPUS] },
  { direction: 'receive', mid: '1', kind: 'audio', ssrc: 77, formats: [OPUS] },
];
const VOICE: SentTrack = { mid: '0', stream: 'voice', layers: [] };

/** A link whose page says what a test wants. */
class ScriptedLink implements PageLink {
  readonly media = MEDIA;
  readonly options: WebRtcLinkOptions;
  readonly rtp: Uint8Array[] = [];
  closed = false;

  constructor(options: WebRtcLinkOptions) {
    this.options = options;
  }

  async answer(offer: string): Promise<string> {
    if (offer === 'junk') throw new WebRtcError('offer.invalid', 'This is no offer.');
    return `answer to ${offer}`;
  }

  sendRtp(packet: Uint8Array): void {
    this.rtp.push(packet);
  }

  sendRtcp(): void {
    // What is said there is tested elsewhere.
  }

  close(): Promise<void> {
    this.closed = true;
    this.options.onState('closed');
    return Promise.resolve();
  }
}

function start() {
  const links: ScriptedLink[] = [];
  const sent: string[] = [];
  const now = () => 1000;
  const tracks = new PageTracks({
    call: {
      addStream: async ({ name }, open) => {
        const send = () => void sent.push(name);
        await open({ ssrc: 5, send, onNews: () => undefined, onTime: () => undefined, otherPorts: new Set() });
      },
      removeStream: () => Promise.resolve(),
    },
    ...{ now, onRates: () => undefined, onError: () => undefined },
  });
  const sink = new PageSink({ now, requestKeyFrame: () => true });
  const codec = { name: 'opus', clockRate: 48_000, channels: 2 };
  sink.setStreams([
    { peer: 'B', stream: 'voice', ssrc: 3, media: 'audio', codec, payloadType: 111, fmtp: '', group: null },
  ]);
  sink.show([{ mid: '1', peer: 'B', stream: 'voice' }]);
  const openLink = async (options: WebRtcLinkOptions) => {
    const link = new ScriptedLink(options);
    links.push(link);
    return link;
  };
  return { media: new TabMedia({ openLink, codecs: pageCodecs('VP8'), tracks, sink, now }), links, sent, sink };
}

test('an offer is answered, and packets go both ways once the page is connected', async (t) => {
  const { media, links, sent, sink } = start();
  t.is(await media.answer('offer', [VOICE]), 'answer to offer');
  const [link] = links;
  link?.options.onRtp(rtpPacket({ ssrc: 9, sequence: 1 }), '0', null);
  t.deepEqual(sent, ['voice']);
  sink.deliver(rtpPacket({ ssrc: 3, sequence: 1 }));
  link?.options.onState('connected');
  sink.deliver(rtpPacket({ ssrc: 3, sequence: 2 }));
  t.deepEqual(link?.rtp.map(readSsrc), [77]);
  t.true(media.isSound('1'));
  await media.answer('another', [VOICE]);
  t.is(links.length, 1, 'one connection');
});

test('a track that comes after the answer needs no other offer, one that is told before it changes nothing', async (t) => {
  const { media, links, sent } = start();
  await media.send([VOICE]);
  t.deepEqual(links, []);
  await media.answer('offer', []);
  links[0]?.options.onRtp(rtpPacket({ ssrc: 9, sequence: 1 }), '0', null);
  t.deepEqual(sent, []);
  await media.send([VOICE]);
  links[0]?.options.onRtp(rtpPacket({ ssrc: 9, sequence: 2 }), '0', null);
  t.deepEqual(sent, ['voice']);
  const answered = media.answer('another', []);
  const followed = media.send([VOICE]);
  await Promise.all([answered, followed]);
  links[0]?.options.onRtp(rtpPacket({ ssrc: 9, sequence: 3 }), '0', null);
  t.deepEqual(sent, ['voice', 'voice'], 'told while its offer was answered: it counts after that');
});

test('a stream on an m-line that does not send is none', async (t) => {
  const { media, links, sent } = start();
  await media.answer('offer', [{ ...VOICE, mid: '1' }]);
  links[0]?.options.onRtp(rtpPacket({ ssrc: 9, sequence: 1 }), '1', null);
  t.deepEqual(sent, []);
});

test('a first offer that is none leaves nothing behind, and the next one is answered', async (t) => {
  const { media, links } = start();
  await t.throwsAsync(media.answer('junk', []), { code: 'offer.invalid' });
  t.true(links[0]?.closed);
  t.is(await media.answer('offer', []), 'answer to offer');
});

test('a link that was prepared answers the first offer', async (t) => {
  const { media, links } = start();
  media.prepare();
  t.is(links.length, 1);
  await media.answer('offer', []);
  t.is(links.length, 1);
  links[0]?.options.onState('closed');
  await media.answer('again', []);
  t.is(links.length, 2);
});

test('a link that was prepared for a page that never offers is let go', async (t) => {
  const { media, links } = start();
  media.prepare();
  await media.close();
  t.true(links[0]?.closed);
});

test('after a connection has ended the next offer begins another', async (t) => {
  const { media, links, sink } = start();
  await media.answer('offer', [VOICE]);
  links[0]?.options.onState('connected');
  links[0]?.options.onState('closed');
  await media.answer('again', [VOICE]);
  t.is(links.length, 2);
  sink.deliver(rtpPacket({ ssrc: 3, sequence: 1 }));
  t.deepEqual(links[0]?.rtp, []);
  await media.close();
  t.true(links[1]?.closed);
});
