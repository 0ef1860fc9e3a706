/** A page whose camera and voice come back on many tiles, and what that costs the gateway. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBandwidthEstimate } from '../../../../infra/rtcp/bandwidth-estimate.ts';
import { readKeyFrameRequests, writePictureLoss } from '../../../../infra/rtcp/feedback.ts';
import { readSsrc } from '../../../../infra/rtp/header.ts';
import { writeSsrc } from '../../../../infra/rtp/write.ts';
import type { WebRtcLink } from '../../../../infra/webrtc/link.ts';
import { openChromium } from '../../../page/browser/chromium.ts';
import { LinkedPage } from '../../../page/browser/linked-page.ts';
import { type Size, writeNoise } from './noise.ts';

/** So that the page does not hold itself back, in bit/s. */
const ALLOWED_BPS = 20_000_000;
const REPORT_MS = 1000;
const FRAMES_PER_SECOND = 30;
/** Until encoder and decoders have found their pace. */
const WARM_UP_MS = 6000;
/** A request is passed on at most so often. */
const KEY_FRAME_MS = 500;
const OUR_SSRC = 1;

export interface GatewayLoad {
  readonly tiles: number;
  readonly bps: number;
  readonly size: Size;
}

export interface GatewayCost {
  /** Share of one processor, 0..1. */
  readonly processor: number;
  readonly packetsIn: number;
  readonly packetsOut: number;
  readonly seconds: number;
  /** Sent to the page for one tile's pictures, in bit/s. */
  readonly tileBps: number;
  /** Decoded of the first tile in a second. */
  readonly framesPerSecond: number;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function measureGateway(load: GatewayLoad, measuredMs: number): Promise<GatewayCost> {
  const folder = await mkdtemp(join(tmpdir(), 'rpr-gateway-'));
  try {
    const noise = join(folder, 'noise.y4m');
    await writeNoise(noise, load.size, FRAMES_PER_SECOND);
    const browser = await openChromium({ flags: [`--use-file-for-fake-video-capture=${noise}`] });
    try {
      await using linked = await LinkedPage.open(browser);
      return await measure(linked, load, measuredMs);
    } finally {
      await browser.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measure(linked: LinkedPage, load: GatewayLoad, measuredMs: number): Promise<GatewayCost> {
  const traffic = fanOut(linked);
  await offerTiles(linked, load);
  await linked.connected();
  const reports = setInterval(() => traffic.report(), REPORT_MS);
  try {
    await linked.decoded('2', 1);
    await pause(WARM_UP_MS);
    const framesBefore = await linked.decoded('2', 0);
    const before = {
      cpu: process.cpuUsage(),
      at: performance.now(),
      ...linked.link.counters,
      bytes: traffic.videoBytes,
    };
    await pause(measuredMs);
    const { user, system } = process.cpuUsage(before.cpu);
    const seconds = (performance.now() - before.at) / 1000;
    const after = linked.link.counters;
    return {
      processor: (user + system) / 1e6 / seconds,
      packetsIn: (after.rtpIn + after.rtcpIn - before.rtpIn - before.rtcpIn) / seconds,
      packetsOut: (after.rtpOut - before.rtpOut) / seconds,
      seconds,
      tileBps: (8 * (traffic.videoBytes - before.bytes)) / seconds,
      framesPerSecond: ((await linked.decoded('2', 0)) - framesBefore) / seconds,
    };
  } finally {
    clearInterval(reports);
  }
}

/** Every packet of the page goes to all slots of its kind. */
function fanOut(linked: LinkedPage) {
  const sources = { video: 0, audio: 0 };
  const traffic = { videoBytes: 0, report: () => sendEstimate(linked.link, Object.values(sources)) };
  let askedAtMs = 0;
  linked.takeRtp = (packet, mid) => {
    const kind = mid === '0' ? 'video' : 'audio';
    sources[kind] = readSsrc(packet);
    if (kind === 'video') traffic.videoBytes += packet.length;
    for (const media of linked.link.media) {
      if (media.direction !== 'receive' || media.kind !== kind) continue;
      writeSsrc(packet, media.ssrc);
      linked.link.sendRtp(packet);
    }
  };
  linked.onRtcp = (packet) => {
    if (readKeyFrameRequests(packet, 1).length === 0 || performance.now() - askedAtMs < KEY_FRAME_MS) return;
    askedAtMs = performance.now();
    linked.link.sendRtcp(writePictureLoss(OUR_SSRC, sources.video));
  };
  return traffic;
}

function sendEstimate(link: WebRtcLink, ssrcs: readonly number[]): void {
  link.sendRtcp(writeBandwidthEstimate(OUR_SSRC, ALLOWED_BPS, ssrcs));
}

async function offerTiles({ page }: LinkedPage, { tiles, bps, size }: GatewayLoad): Promise<void> {
  await page.evaluate(
    async (load) => {
      const { connection } = window;
      const own = await navigator.mediaDevices.getUserMedia({ video: load.size, audio: true });
      for (const track of [...own.getVideoTracks(), ...own.getAudioTracks()]) {
        const sendEncodings = track.kind === 'video' ? [{ maxBitrate: load.bps }] : [];
        connection.addTransceiver(track, { direction: 'sendonly', sendEncodings });
      }
      for (let tile = 0; tile < load.tiles; tile++) {
        connection.addTransceiver('video', { direction: 'recvonly' });
        connection.addTransceiver('audio', { direction: 'recvonly' });
      }
      await window.negotiate();
    },
    { tiles, bps, size },
  );
}
