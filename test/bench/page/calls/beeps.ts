/**
 * A microphone that beeps every other second and notes when, and how another page notes when it has played each beep. With a camera that
 * says the time (time-code.ts) that tells how far sound and pictures are apart.
 */

/** All times are in ms since the Unix epoch, with fractions: pages of one machine share that clock. */
export interface Shown {
  /** What a picture says, and when it came up to be seen. */
  readonly saidMs: number;
  readonly seenMs: number;
}

declare global {
  interface Window {
    /** When each beep began. */
    beeps: number[];
    /** What beeps. */
    microphone?: MediaStreamTrack;
    /** When each beep that was received, or that the own microphone made, left for the speaker. */
    heard: number[];
    shown: Shown[];
    /** Begins to note what the others send. */
    listen: () => Promise<void>;
    /** Begins to note what the own microphone makes, by the same means: how late these are. */
    listenToSelf: () => Promise<void>;
  }
}

/** Runs in the page, after {@link timeCodeCamera}. */
export function beepingMicrophone(): void {
  const EVERY_MS = 2000;
  const LONG_S = 0.1;
  /** Far below what counts as heard. */
  const HUM = 0.001;
  window.beeps = [];
  const microphone = (): MediaStreamTrack => {
    const context = new AudioContext();
    const out = context.createMediaStreamDestination();
    const [track] = out.stream.getAudioTracks();
    if (track === undefined) throw new Error('nothing can be played');
    // Where nothing plays Chromium sends nothing, and its numbers stand still: who hears that takes the pause for packets that are late.
    const hum = new ConstantSourceNode(context, { offset: HUM });
    hum.connect(out);
    hum.start();
    setInterval(() => {
      const tone = new OscillatorNode(context, { frequency: 1000 });
      tone.connect(out);
      // Within a block of the sound card, some ms.
      tone.start();
      tone.stop(context.currentTime + LONG_S);
      window.beeps.push(performance.timeOrigin + performance.now());
    }, EVERY_MS);
    return track;
  };
  const devices = navigator.mediaDevices;
  const before = devices?.getUserMedia.bind(devices);
  if (before === undefined) return;
  devices.getUserMedia = async ({ audio = false, video = false } = {}) => {
    const pictures = video ? await before({ video }) : new MediaStream();
    if (audio) window.microphone = microphone();
    return new MediaStream([...pictures.getVideoTracks(), ...(audio && window.microphone ? [window.microphone] : [])]);
  };
}

/** Runs in the page: it is asked for what it plays and shows by `listen`. */
export function hearBeeps(): void {
  /** Tells the time of the first loud sample after a pause. */
  const ONSETS = `registerProcessor('onsets', class extends AudioWorkletProcessor {
    process([[samples]]) {
      const at = samples?.findIndex((sample) => Math.abs(sample) > 0.05) ?? -1;
      if (at < 0) return true;
      const now = currentTime + at / sampleRate;
      if (now - (this.last ?? 0) > 0.3) this.port.postMessage(now);
      this.last = now;
      return true;
    }
  })`;
  const LOOK_MS = 100;
  const played = new Set<MediaStream>();
  const play = HTMLAudioElement.prototype.play;
  HTMLAudioElement.prototype.play = function (this: HTMLMediaElement) {
    if (this instanceof HTMLAudioElement && this.srcObject instanceof MediaStream) played.add(this.srcObject);
    return play.call(this);
  };
  const epochMs = (ms: number) => performance.timeOrigin + ms;
  const hear = async (tracks: readonly MediaStreamTrack[]) => {
    const context = new AudioContext();
    await context.audioWorklet.addModule(`data:text/javascript,${encodeURIComponent(ONSETS)}`);
    for (const track of tracks) {
      const onsets = new AudioWorkletNode(context, 'onsets');
      onsets.port.onmessage = ({ data: atS }: MessageEvent<number>) => {
        const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp();
        window.heard.push(epochMs(performanceTime + 1000 * (atS - contextTime)));
      };
      context.createMediaStreamSource(new MediaStream([track])).connect(onsets);
    }
  };
  const followed = new WeakSet<HTMLVideoElement>();
  const see = (video: HTMLVideoElement) => {
    if (followed.has(video)) return;
    followed.add(video);
    const take: VideoFrameRequestCallback = (_, { expectedDisplayTime }) => {
      video.requestVideoFrameCallback(take);
      const seenMs = epochMs(expectedDisplayTime);
      const saidMs = window.readTimeCode?.(video, seenMs);
      if (saidMs !== undefined) window.shown.push({ saidMs, seenMs });
    };
    video.requestVideoFrameCallback(take);
  };
  window.heard = [];
  window.shown = [];
  window.listenToSelf = async () => await hear(window.microphone === undefined ? [] : [window.microphone]);
  window.listen = async () => {
    await hear([...played].flatMap((stream) => stream.getAudioTracks()));
    // A tile may be drawn anew.
    setInterval(() => {
      for (const video of document.querySelectorAll<HTMLVideoElement>('[data-tile$="/"] video')) see(video);
    }, LOOK_MS);
  };
}
