/** Another reader of SRTP than ours: GStreamer's, on libsrtp. It is given the key, and opens what our source has sealed. */
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import test from 'ava';
import { StreamSealer } from '../../infra/srtp/stream-seal.ts';
import { rtpPacket } from '../path/rig.ts';

const SSRC = 0x1234_5678;
const EPOCH = 7;

function hasReader(): boolean {
  try {
    execFileSync('gst-inspect-1.0', ['srtpdec'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

(hasReader() ? test : test.skip)('libsrtp opens what is sealed, with the key and its number given', async (t) => {
  const key = randomBytes(28);
  const sealer = new StreamSealer(key, EPOCH);
  const into = Buffer.alloc(200);
  const packet = rtpPacket({ ssrc: SSRC, sequence: 1, payload: 80 });
  const length = sealer.seal(packet, 1, into);
  const caps = [
    'application/x-srtp, media=(string)video, encoding-name=(string)VP8, clock-rate=(int)90000, payload=(int)96',
    `ssrc=(uint)${SSRC}, roc=(uint)0, srtp-key=(buffer)${key.toString('hex')}, mki=(buffer)${EPOCH.toString(16).padStart(2, '0')}`,
    'srtp-cipher=(string)aes-128-gcm, srtp-auth=(string)null, srtcp-cipher=(string)aes-128-gcm, srtcp-auth=(string)null',
  ].join(', ');
  const running = promisify(execFile)(
    'gst-launch-1.0',
    [
      '-q',
      'fdsrc',
      'fd=0',
      `blocksize=${length}`,
      'num-buffers=1',
      '!',
      caps,
      '!',
      'srtpdec',
      '!',
      'fakesink',
      'dump=true',
    ],
    { timeout: 20_000 },
  );
  running.child.stdin?.end(into.subarray(0, length));
  const { stdout } = await running;
  const bytes = [...stdout.matchAll(/^[0-9a-f]{8} \([^)]*\): ((?:[0-9a-f]{2} ?)+)/gm)].map(([, hex = '']) =>
    hex.trim(),
  );
  t.is(bytes.join(' ').replaceAll(' ', ''), packet.toString('hex'));
});
