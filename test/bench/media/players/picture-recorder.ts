/**
 * A player that waits for its first picture: `picture-recorder.ts PORT` takes VP8 on a UDP port, and tells as one line of JSON when the
 * first key frame was whole, in ms since the Unix epoch. Runs on a host of the lab.
 */
import { createSocket } from 'node:dgram';
import { showsKeyFrame } from '../../../../infra/codec/key-frame.ts';
import { readMarker, readSequence, readTimestamp } from '../../../../infra/rtp/header.ts';
import { extendSequence } from '../../../../infra/rtp/sequence.ts';
import { PLAYER_BUFFER_BYTES } from './buffer.ts';
import { FirstPicture } from './first-picture.ts';

const [port = 0] = process.argv.slice(2).map(Number);
const picture = new FirstPicture();
let newest: number | undefined;

const socket = createSocket({ type: 'udp4', recvBufferSize: PLAYER_BUFFER_BYTES });
socket.bind(port, '127.0.0.1');
socket.on('message', (packet) => {
  const shownMs = Date.now();
  newest = newest === undefined ? readSequence(packet) : extendSequence(newest, readSequence(packet));
  const isWhole = picture.take({
    ...{ sequence: newest, timestamp: readTimestamp(packet), marker: readMarker(packet) },
    startsKeyFrame: showsKeyFrame('VP8', packet),
  });
  if (isWhole) process.stdout.write(`${JSON.stringify({ shownMs })}\n`, () => process.exit(0));
});
