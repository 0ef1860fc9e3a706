/**
 * A camera whose pictures say when they were made, and how another page reads it: bits as large light and dark fields, which no
 * encoder and no smaller layer makes unreadable, and each once more inverted, so that a picture without a code is none.
 */

/** Runs in the page: its camera is a drawing from now on, and it can read those of others. */
export function timeCodeCamera(): void {
  const COLUMNS = 10;
  const ROWS = 4;
  const BITS = 20;
  /** The code begins anew after 17 minutes. */
  const ROUND_MS = 2 ** BITS;
  const WIDTH = 640;
  const HEIGHT = 360;
  const FRAME_MS = 1000 / 30;
  /** Pixels of a field when it is read. */
  const READ = 8;
  const now = () => performance.timeOrigin + performance.now();

  const draw = (context: CanvasRenderingContext2D) => {
    const code = Math.floor(now()) % ROUND_MS;
    for (let field = 0; field < 2 * BITS; field++) {
      const isLight = ((code >>> (field % BITS)) & 1) === (field < BITS ? 1 : 0);
      context.fillStyle = isLight ? '#e0e0e0' : '#202020';
      const [x, y] = [field % COLUMNS, Math.floor(field / COLUMNS)];
      context.fillRect((x * WIDTH) / COLUMNS, (y * HEIGHT) / ROWS, WIDTH / COLUMNS, HEIGHT / ROWS);
    }
  };

  const camera = (): MediaStreamTrack => {
    const canvas = Object.assign(document.createElement('canvas'), { width: WIDTH, height: HEIGHT });
    const context = canvas.getContext('2d');
    const [track] = canvas.captureStream(0).getVideoTracks();
    if (context === null || !(track instanceof CanvasCaptureMediaStreamTrack)) throw new Error('nothing can be drawn');
    setInterval(() => {
      draw(context);
      track.requestFrame();
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
