/** The gateway against a real browser. */
import { createSocket } from 'node:dgram';
import test, { type ExecutionContext } from 'ava';
import { CHROMIUM, LEFT_OUT, openChromium } from './chromium.ts';
import { LinkedPage } from './linked-page.ts';
import { Mirror } from './mirror.ts';

const withChromium = CHROMIUM === undefined ? test.skip : test.serial;
if (CHROMIUM === undefined) console.log(LEFT_OUT);

const LAYER = { mid: '0', rid: 's', slot: '2' };

/** Camera in two layers, voice, three slots. */
async function call(linked: LinkedPage): Promise<void> {
  await linked.page.evaluate(async () => {
    const { connection } = window;
    const own = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 360 }, audio: true });
    const [camera, voice] = [own.getVideoTracks()[0], own.getAudioTracks()[0]];
    if (camera === undefined || voice === undefined) throw new Error('no camera or no microphone');
    connection.addTransceiver(camera, {
      direction: 'sendonly',
      sendEncodings: [
        { rid: 's', scaleResolutionDownBy: 2, maxBitrate: 80_000 },
        { rid: 'l', maxBitrate: 300_000 },
      ],
    });
    connection.addTransceiver(voice, { direction: 'sendonly' });
    for (let slot = 0; slot < 3; slot++) {
      connection.addTransceiver('video', { direction: 'recvonly' });
      connection.addTransceiver('audio', { direction: 'recvonly' });
    }
    await window.negotiate();
  });
}

const browser = CHROMIUM === undefined ? undefined : openChromium();
test.after.always(async () => (await browser)?.close());

/** A call whose page sees its own camera in the first slot. */
async function mirroredCall(t: ExecutionContext): Promise<LinkedPage> {
  if (browser === undefined) throw new Error('no browser');
  const linked = await LinkedPage.open(await browser);
  new Mirror(linked, LAYER).begin();
  await call(linked);
  t.is(await linked.connected(), 'connected');
  await linked.decoded(LAYER.slot, 3);
  return linked;
}

withChromium('camera in layers and voice come up, and what comes down is shown', async (t) => {
  await using linked = await mirroredCall(t);
  const { link } = linked;
  t.deepEqual(
    link.media.map(({ mid, direction }) => `${mid} ${direction}`),
    ['0 send', '1 send', '2 receive', '3 receive', '4 receive', '5 receive', '6 receive', '7 receive'],
  );
  const seen = new Set<string>();
  await new Promise<void>((resolve) => {
    linked.onRtp = ({ packet, mid, rid }) => {
      t.is(packet.readUInt8(0) & 0x10, 0, 'no header extension');
      seen.add(`${mid} ${rid}`);
      if (seen.size === 3) resolve();
    };
  });
  t.deepEqual([...seen].sort(), ['0 l', '0 s', '1 null']);
  t.is(link.counters.unknownSsrc, 0);
  t.is(link.counters.notAuthentic, 0);
});

withChromium('a page that misses a key frame asks for it, and its camera makes one when it is asked', async (t) => {
  await using linked = await mirroredCall(t);
  // A slot that begins in the middle of a stream.
  const middle = new Mirror(linked, { ...LAYER, slot: '4' });
  middle.begin();
  await linked.decoded('4', 3);
  t.true(middle.keyFrameRequests > 0);
});

withChromium('one more stream of the page: offered anew, and what runs goes on', async (t) => {
  await using linked = await mirroredCall(t);
  const before = linked.link.media;
  await linked.page.evaluate(async () => {
    const { connection } = window;
    const screen = document.createElement('canvas').captureStream(10).getVideoTracks()[0];
    if (screen === undefined) throw new Error('no screen');
    connection.addTransceiver(screen, { direction: 'sendonly' });
    await window.negotiate();
  });
  t.deepEqual(linked.link.media.slice(0, -1), before);
  t.like(linked.link.media.at(-1), { mid: '8', direction: 'send', rids: [] });
  await linked.decoded(LAYER.slot, 3);
});

withChromium('streams and slots that go and come back, and one that is stopped for good', async (t) => {
  await using linked = await mirroredCall(t);
  for (const [index, direction] of [
    ['0', 'sendonly'],
    ['2', 'recvonly'],
  ] as const) {
    for (const next of ['inactive', direction] as const) {
      await linked.page.evaluate(
        async ([at, wanted]) => {
          const transceiver = window.connection.getTransceivers()[Number(at)];
          if (transceiver !== undefined) transceiver.direction = wanted;
          await window.negotiate();
        },
        [index, next] as const,
      );
    }
    await linked.decoded(LAYER.slot, 3);
  }
  await linked.page.evaluate(async () => {
    window.connection.getTransceivers()[4]?.stop();
    await window.negotiate();
    window.connection.addTransceiver('video', { direction: 'recvonly' });
    await window.negotiate();
  });
  t.deepEqual(
    linked.link.media.map(({ mid }) => mid),
    ['0', '1', '2', '3', '8', '5', '6', '7'],
  );
  await linked.decoded(LAYER.slot, 3);
});

withChromium('a page that comes again has a new link', async (t) => {
  const first = await mirroredCall(t);
  await first.page.reload();
  await first[Symbol.asyncDispose]();
  await using again = await mirroredCall(t);
  t.deepEqual(again.states, ['connected']);
  t.deepEqual(first.states, ['connected', 'closed']);
});

withChromium('junk at the port changes nothing', async (t) => {
  await using linked = await mirroredCall(t);
  const port = Number(/^m=video (\d+) /m.exec(linked.answers[0] ?? '')?.[1]);
  const stranger = createSocket('udp4');
  const sent = [0x00, 0x16, 0x80, 0x81, 0xff].flatMap((first) =>
    Array.from({ length: 200 }, () => Buffer.alloc(40, first)),
  );
  await Promise.all(
    sent.map((datagram) => new Promise<void>((done) => stranger.send(datagram, port, '127.0.0.1', () => done()))),
  );
  await new Promise<void>((done) => stranger.close(() => done()));
  await linked.decoded(LAYER.slot, 3);
  const { stunRefused, fromElsewhere, notOurs } = linked.link.counters;
  t.is(stunRefused + fromElsewhere + notOurs, sent.length);
  t.deepEqual(linked.states, ['connected']);
});

withChromium('a link that closes is told to the page at once', async (t) => {
  await using linked = await mirroredCall(t);
  const closed = linked.page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const transport = window.connection.getSenders()[0]?.transport;
        const look = () => transport?.state === 'closed' && resolve(transport.state);
        transport?.addEventListener('statechange', look);
        look();
      }),
  );
  await linked.link.close();
  t.is(await closed, 'closed');
});
