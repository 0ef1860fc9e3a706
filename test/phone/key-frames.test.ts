/** Requests for key frames between a phone and whom it sees, both ways and in every form. */
import { EventEmitter, once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { PhoneLine } from '../../actors/phone/phone-line.ts';
import { bindAnyPair } from '../../actors/sink/outlet.ts';
import { readKeyFrameRequests, writeFullIntra, writePictureLoss } from '../../infra/rtcp/feedback.ts';
import { writeReport } from '../../infra/rtcp/reception-report.ts';
import type { Agreed } from '../../infra/sip/sdp/session.ts';
import { callerAt } from './callers.ts';

const HOST = '127.0.0.1';
const VP8 = { payloadType: 96, codec: { name: 'VP8', clockRate: 90_000 }, fmtp: '' };
const THEIRS = 5;

async function start(t: ExecutionContext, keyFrameBy: Agreed['keyFrameBy']) {
  const [rtp, rtcp] = await bindAnyPair(HOST);
  const [theirRtp, theirRtcp] = await bindAnyPair(HOST);
  const told: string[] = [];
  const heard = new EventEmitter();
  const line = new PhoneLine({
    ...{ rtp, rtcp, cname: 'D', now: () => performance.now() },
    onKeyFrameWanted: () => told.push('key frame'),
    onReport: () => {
      told.push('report');
      heard.emit('report');
    },
    ...{ onRtp: () => undefined, onLost: () => undefined },
  });
  const to = { host: HOST, port: theirRtp.address().port, rtcpPort: theirRtcp.address().port };
  line.follow(
    { kind: 'video', format: VP8, heardAs: [96], to, isSentTo: true, sends: true, keyFrameBy },
    callerAt(HOST),
  );
  t.teardown(() => {
    line.close();
    theirRtp.close();
    theirRtcp.close();
  });
  /** The phone says this. @returns what came of it */
  const say = async (request: Uint8Array): Promise<string[]> => {
    const taken = once(heard, 'report');
    const sent = { unixMs: 0, rtpTimestamp: 0, packets: 0, bytes: 0 };
    theirRtcp.send(Buffer.concat([writeReport(THEIRS, sent, []), request]), rtcp.address().port, HOST);
    await taken;
    return told.splice(0);
  };
  return { line, say, theirs: theirRtcp };
}

test('the phone asks by picture loss, by full intra request of either kind; one that is repeated is the same', async (t) => {
  const { line, say } = await start(t, 'pli');
  const asked = ['key frame', 'report'];
  t.deepEqual(await say(writePictureLoss(THEIRS, line.ssrc)), asked);
  t.deepEqual(await say(Uint8Array.from([0x80, 192, 0, 1, 0, 0, 0, THEIRS])), asked);
  t.deepEqual(await say(writeFullIntra(THEIRS, line.ssrc, 7)), asked);
  t.deepEqual(await say(writeFullIntra(THEIRS, line.ssrc, 7)), ['report']);
  t.deepEqual(await say(writeFullIntra(THEIRS, line.ssrc, 8)), asked);
});

test('the phone is asked as it takes it, and by its call where it takes no feedback', async (t) => {
  for (const by of ['pli', 'fir'] as const) {
    const { line, theirs } = await start(t, by);
    const heard = once(theirs, 'message');
    t.true(line.requestKeyFrame(THEIRS));
    const [datagram] = await heard;
    t.deepEqual(readKeyFrameRequests(datagram as Uint8Array, 2), [{ ssrc: THEIRS, number: by === 'pli' ? null : 1 }]);
  }
  const { line } = await start(t, null);
  t.false(line.requestKeyFrame(THEIRS));
});
