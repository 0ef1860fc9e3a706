/** Pictures that no codec can make small: Chromium's own camera shows so little that no encoder uses its rate. */
import { writeFile } from 'node:fs/promises';
import { seededRandom } from '../../../planning/rooms.ts';

const FRAMES = 30;

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** One second of noise in blocks, as raw video (Y4M) that Chromium takes as a camera. */
export async function writeNoise(path: string, { width, height }: Size, framesPerSecond: number): Promise<void> {
  const random = seededRandom(1);
  const head = Buffer.from(`YUV4MPEG2 W${width} H${height} F${framesPerSecond}:1 Ip A1:1 C420jpeg\n`);
  const frames = Array.from({ length: FRAMES }, () => {
    const picture = Buffer.alloc((width * height * 3) / 2, 128);
    const BLOCK = 4;
    for (let y = 0; y < height; y += BLOCK) {
      for (let x = 0; x < width; x += BLOCK) {
        const light = Math.floor(random() * 256);
        for (let row = 0; row < BLOCK; row++) picture.fill(light, (y + row) * width + x, (y + row) * width + x + BLOCK);
      }
    }
    return Buffer.concat([Buffer.from('FRAME\n'), picture]);
  });
  await writeFile(path, Buffer.concat([head, ...frames]));
}
