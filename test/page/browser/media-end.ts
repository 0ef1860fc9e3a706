/**
 * The other end of a page's media: a second page of the same browser that answers offers and sends a drawn person on every
 * m-line that the first one receives on.
 */
import type { Browser, Page } from 'playwright-core';

export interface MediaEnd {
  readonly page: Page;
  /** @returns the answer, with candidates */
  answer(sdp: string): Promise<string>;
  close(): Promise<void>;
}

interface EndOptions {
  /** Of the pictures. Small ones cost little to encode. */
  readonly width?: number;
  readonly height?: number;
  /** How many slots are sent on; the others are silent. */
  readonly pictures?: number;
  /** Slots with a voice. */
  readonly voices?: number;
}

export async function openMediaEnd(browser: Browser, options: EndOptions = {}): Promise<MediaEnd> {
  const context = await browser.newContext();
  const page = await context.newPage();
  // What compiles these tests marks functions with their names by a helper that the page lacks.
  await page.evaluate('globalThis.__name = (each) => each');
  await page.evaluate(startEnd, { width: 320, height: 180, pictures: 25, voices: 0, ...options });
  return {
    page,
    answer: (sdp) =>
      page.evaluate((offer) => (globalThis as unknown as { answer(sdp: string): Promise<string> }).answer(offer), sdp),
    close: () => context.close(),
  };
}

/** Runs in the page. */
function startEnd({ width, height, pictures, voices }: Required<EndOptions>): void {
  const SKIN = ['#f1c7a5', '#8d5a3b', '#d9a37a', '#5f3b26', '#e8b48f', '#b57a52'];
  const HAIR = ['#2b1b12', '#111111', '#6b3e1e', '#3a2a20', '#8c6a3f', '#555555'];
  const WALL = ['#9db4ab', '#c9b79c', '#8fa3b8', '#b9a0a8', '#a7b58f', '#94a0a4'];
  const SHIRT = ['#27474e', '#7a3b46', '#3f5873', '#4a6b4f', '#5b4a6b', '#8a6a3a'];
  const pick = (list: string[], index: number) => list[index % list.length] ?? '';

  const draw = (canvas: HTMLCanvasElement, index: number) => {
    const context = canvas.getContext('2d');
    if (context === null) return;
    const { width: w, height: h } = canvas;
    const sway = Math.sin(performance.now() / 700 + index) * w * 0.012;
    const wall = context.createLinearGradient(0, 0, w, h);
    wall.addColorStop(0, pick(WALL, index));
    wall.addColorStop(1, '#56605f');
    context.fillStyle = wall;
    context.fillRect(0, 0, w, h);
    context.fillStyle = 'rgb(255 255 255 / 0.14)';
    context.fillRect(w * (0.06 + 0.1 * (index % 3)), h * 0.08, w * 0.2, h * 0.42);
    const x = w / 2 + sway;
    context.fillStyle = pick(SHIRT, index * 5 + 1);
    context.beginPath();
    context.ellipse(x, h * 1.08, h * 0.46, h * 0.4, 0, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = pick(SKIN, index);
    context.fillRect(x - h * 0.075, h * 0.55, h * 0.15, h * 0.18);
    context.beginPath();
    context.ellipse(x, h * 0.43, h * 0.17, h * 0.22, 0, 0, 2 * Math.PI);
    context.fill();
    context.fillStyle = pick(HAIR, index * 3 + 2);
    context.beginPath();
    context.ellipse(x, h * 0.32, h * 0.19, h * 0.16, 0, Math.PI, 2 * Math.PI);
    context.fill();
    context.fillStyle = '#1b1512';
    for (const side of [-1, 1]) {
      context.beginPath();
      context.arc(x + side * h * 0.065, h * 0.41, h * 0.016, 0, 2 * Math.PI);
      context.fill();
    }
    context.strokeStyle = '#7a3f34';
    context.lineWidth = h * 0.012;
    context.beginPath();
    context.arc(x, h * 0.47, h * 0.07, 0.25 * Math.PI, 0.75 * Math.PI);
    context.stroke();
  };

  const pictureOf = (index: number): MediaStreamTrack | null => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    draw(canvas, index);
    setInterval(() => draw(canvas, index), 100);
    return canvas.captureStream(10).getVideoTracks()[0] ?? null;
  };

  const tone = (): MediaStreamTrack | null => {
    const audio = new AudioContext();
    const out = audio.createMediaStreamDestination();
    const oscillator = new OscillatorNode(audio, { frequency: 220 });
    oscillator.connect(new GainNode(audio, { gain: 0.4 })).connect(out);
    oscillator.start();
    return out.stream.getAudioTracks()[0] ?? null;
  };

  let current: RTCPeerConnection | null = null;
  const tracks: (MediaStreamTrack | null)[] = [];

  const answer = async (sdp: string): Promise<string> => {
    const isNew = current === null || !sdp.includes(sessionOf(current.remoteDescription?.sdp ?? '?'));
    if (isNew) current?.close();
    const pc = isNew || current === null ? new RTCPeerConnection() : current;
    current = pc;
    await pc.setRemoteDescription({ type: 'offer', sdp });
    const slots = new Set(midsThatReceive(sdp));
    const receiving = pc.getTransceivers().filter(({ mid }) => slots.has(mid));
    for (const [index, transceiver] of receiving.entries()) {
      transceiver.direction = 'sendonly';
      tracks[index] ??= trackFor(transceiver.receiver.track.kind, Math.floor(index / 2));
      if (transceiver.sender.track !== tracks[index]) await transceiver.sender.replaceTrack(tracks[index] ?? null);
    }
    await pc.setLocalDescription();
    if (pc.iceGatheringState !== 'complete') {
      await new Promise<void>((resolve) => {
        pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && resolve();
      });
    }
    return pc.localDescription?.sdp ?? '';
  };

  const midsThatReceive = (sdp: string): (string | null)[] =>
    sdp
      .split(/^m=/m)
      .filter((line) => /^a=recvonly/m.test(line))
      .map((line) => /^a=mid:(\S+)/m.exec(line)?.[1] ?? null);

  const trackFor = (kind: string, slot: number) => {
    if (kind === 'video') return slot < pictures ? pictureOf(slot) : null;
    return slot < voices ? tone() : null;
  };
  /** The id of a session stays through its renegotiations (RFC 8866, section 5.2). */
  const sessionOf = (sdp: string) => /^o=\S+ (\d+)/m.exec(sdp)?.[1] ?? '?';

  Object.assign(globalThis, { answer, connectionOf: () => current });
}
