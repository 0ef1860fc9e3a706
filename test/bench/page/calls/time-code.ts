/**
 * A camera whose pictures say when they were made, and how another page reads it: bits as large light and dark fields, which no
 * encoder and no smaller layer makes unreadable, and each once more inverted, so that a picture without a code is none.
 */

/** What both sides know of a code. It is handed to the page, which has nothing of this file. */
export const TIME_CODE = {
  columns: 10,
  rows: 4,
  bits: 20,
  /** The code begins anew after 17 minutes. */
  roundMs: 2 ** 20,
  /** Pictures that a camera makes in a second. */
  rate: 30,
};
export type TimeCode = typeof TIME_CODE;

/** Of Chromium (MediaStreamTrack Insertable Media Processing using Streams, 2023): a track of pictures that a script makes. */
declare class MediaStreamTrackGenerator extends MediaStreamTrack {
  constructor(init: { kind: 'video' });
  readonly writable: WritableStream<VideoFrame>;
}

/** Runs in the page: its camera is a drawing from now on. */
export function timeCodeCamera({ columns: COLUMNS, rows: ROWS, bits: BITS, roundMs: ROUND_MS, rate }: TimeCode): void {
  const WIDTH = 640;
  const HEIGHT = 360;
  const FRAME_MS = 1000 / rate;
  const LIGHT = 210;
  const DARK = 40;
  const now = () => performance.timeOrigin + performance.now();

  /** One picture: brightness, then both colours, which stay grey. */
  const picture = new Uint8Array((WIDTH * HEIGHT * 3) / 2).fill(128);
  const draw = () => {
    const code = Math.floor(now()) % ROUND_MS;
    for (let field = 0; field < 2 * BITS; field++) {
      const isLight = ((code >>> (field % BITS)) & 1) === (field < BITS ? 1 : 0);
      const [column, row] = [field % COLUMNS, Math.floor(field / COLUMNS)];
      for (let y = (row * HEIGHT) / ROWS; y < ((row + 1) * HEIGHT) / ROWS; y++)
        picture.fill(
          isLight ? LIGHT : DARK,
          y * WIDTH + (column * WIDTH) / COLUMNS,
          y * WIDTH + ((column + 1) * WIDTH) / COLUMNS,
        );
    }
  };

  // Pictures are made as they are encoded: one that is drawn on a canvas is painted and read back, for a third of a core.
  const camera = (): MediaStreamTrack => {
    const track = new MediaStreamTrackGenerator({ kind: 'video' });
    const pictures = track.writable.getWriter();
    const turns = setInterval(() => {
      if (track.readyState === 'ended') return clearInterval(turns);
      // A page that has no time for its pictures makes fewer of them: each that waits takes a third of a megabyte.
      if ((pictures.desiredSize ?? 0) <= 0) return;
      draw();
      const timestamp = 1000 * performance.now();
      void pictures.write(
        new VideoFrame(picture, { format: 'I420', codedWidth: WIDTH, codedHeight: HEIGHT, timestamp }),
      );
    }, FRAME_MS);
    return track;
  };

  const devices = navigator.mediaDevices;
  const native = devices?.getUserMedia.bind(devices);
  if (native === undefined) return;
  devices.getUserMedia = async (constraints = {}) => {
    const { video, audio } = constraints;
    const sound = audio ? await native({ audio }) : new MediaStream();
    return new MediaStream([...sound.getAudioTracks(), ...(video ? [camera()] : [])]);
  };
}

/**
 * Runs in the page: it can read the codes of others. That takes a tenth of a core a tile, so that only pages whose delays are
 * measured do so.
 */
export function timeCodeReader({ columns: COLUMNS, rows: ROWS, bits: BITS, roundMs: ROUND_MS }: TimeCode): void {
  /** Pixels of a field when it is read. */
  const READ = 8;
  const paper = Object.assign(document.createElement('canvas'), { width: COLUMNS * READ, height: ROWS * READ });
  const reader = paper.getContext('2d', { willReadFrequently: true });
  window.readTimeCode = (video, nowMs) => {
    if (reader === null) return undefined;
    reader.drawImage(video, 0, 0, paper.width, paper.height);
    const { data } = reader.getImageData(0, 0, paper.width, paper.height);
    const isLight = (field: number) => {
      const [x, y] = [(field % COLUMNS) * READ + READ / 2, Math.floor(field / COLUMNS) * READ + READ / 2];
      return (data[4 * (y * paper.width + x)] ?? 0) >= 128;
    };
    let code = 0;
    for (let bit = 0; bit < BITS; bit++) {
      if (isLight(bit) === isLight(bit + BITS)) return undefined;
      if (isLight(bit)) code |= 1 << bit;
    }
    const since = (((Math.floor(nowMs) - code) % ROUND_MS) + ROUND_MS) % ROUND_MS;
    return nowMs - (since > ROUND_MS / 2 ? since - ROUND_MS : since);
  };
}
