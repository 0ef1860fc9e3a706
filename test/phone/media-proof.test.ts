/** Media go to who calls, and to whoever has shown that it takes them: a phone's caller may name anybody's address. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { MediaProof } from '../../actors/phone/media-proof.ts';
import { type Caller, PhoneLine } from '../../actors/phone/phone-line.ts';
import { bindAnyPair } from '../../actors/sink/outlet.ts';
import { type ReportBlock, readSenderReports, writeReport } from '../../infra/rtcp/reception-report.ts';
import { rtpPacket } from '../path/rig.ts';
import { callerAt } from './callers.ts';

const HOST = '127.0.0.1';
const ELSEWHERE = '127.0.0.2';
const VP8 = { payloadType: 96, codec: { name: 'VP8', clockRate: 90_000 }, fmtp: '' };
const PACKET_BYTES = 1200;
/** Nobody else has proved itself. */
const isCaller = (host: string): boolean => host === HOST;

test('three times what has come goes there, and a little more', (t) => {
  const proof = new MediaProof(() => 0.5);
  proof.follow(HOST);
  const send = (): number => {
    let packets = 0;
    while (packets < 1000 && proof.takes(PACKET_BYTES)) packets++;
    return packets;
  };
  t.is(send(), 3);
  proof.heard(2 * PACKET_BYTES);
  t.is(send(), 6);
  proof.follow(ELSEWHERE);
  t.is(send(), 3, 'another host has shown nothing');
});

test('who names a report that went there alone has proved itself; who guesses does not, and is not listened to for long', (t) => {
  let chance = 0;
  const proof = new MediaProof(() => chance);
  proof.follow(HOST);
  const reportAt = (unixMs: number): number => Math.floor(((unixMs / 1000) % 65_536) * 65_536) >>> 0;
  t.is(proof.momentOf(1_000_000), 1_000_000 - 32);
  t.false(proof.echoed(0));
  t.false(proof.echoed(reportAt(1_000_000)), 'the true time is no proof');
  t.false(proof.takes(10 * PACKET_BYTES));
  const named = new MediaProof(() => chance);
  named.follow(HOST);
  chance = 0.25;
  const told = named.momentOf(2_000_000);
  // Seconds of NTP begin in 1900.
  t.true(named.echoed((reportAt(told) + 65_536 * (2_208_988_800 % 65_536)) >>> 0));
  t.true(named.takes(1e9));
  t.is(named.momentOf(3_000_000), 3_000_000, 'from then on reports tell the time');
  for (let guess = 1; guess < 6; guess++) proof.echoed(guess);
  chance = 0.75;
  const late = proof.momentOf(4_000_000);
  t.false(proof.echoed((reportAt(late) + 65_536 * (2_208_988_800 % 65_536)) >>> 0));
});

interface Phone {
  readonly rtp: Socket;
  readonly rtcp: Socket;
  /** Packets of media that have come. */
  readonly heard: () => number;
}

async function phoneAt(t: ExecutionContext, host: string): Promise<Phone> {
  const [rtp, rtcp] = await bindAnyPair(host);
  let packets = 0;
  rtp.on('message', () => packets++);
  t.teardown(() => {
    rtp.close();
    rtcp.close();
  });
  return { rtp, rtcp, heard: () => packets };
}

async function lineTo(t: ExecutionContext, phone: Phone, caller: Caller) {
  const [rtp, rtcp] = await bindAnyPair('0.0.0.0');
  const told: string[] = [];
  const line = new PhoneLine({
    ...{ rtp, rtcp, cname: 'D', now: () => performance.now() },
    onKeyFrameWanted: () => told.push('key frame'),
    ...{ onReport: () => undefined, onRtp: () => told.push('rtp'), onLost: () => undefined },
  });
  const { address: host, port } = phone.rtp.address();
  const to = { host, port, rtcpPort: phone.rtcp.address().port };
  line.follow(
    { kind: 'video', format: VP8, heardAs: [96], to, isSentTo: true, sends: true, keyFrameBy: 'pli' },
    caller,
  );
  t.teardown(() => line.close());
  let sequence = 0;
  const send = (count: number) => {
    for (let at = 0; at < count; at++) line.send(rtpPacket({ ssrc: line.ssrc, sequence: sequence++, payload: 1000 }));
  };
  return { line, told, send, ports: { rtp: rtp.address().port, rtcp: rtcp.address().port } };
}

/** Everything that was sent to this socket before has come. */
async function settled(to: Socket): Promise<void> {
  const { address, port } = to.address();
  const marker = createSocket('udp4');
  const came = new Promise<void>((resolve) => {
    const listen = (bytes: Uint8Array) => {
      if (Buffer.from(bytes).toString() !== 'done') return;
      to.off('message', listen);
      resolve();
    };
    to.on('message', listen);
  });
  // A packet of one's own goes after those that this process has sent.
  setTimeout(() => marker.send('done', port, address), 20);
  await came;
  marker.close();
}

test('nothing goes to a caller that has not proved to be there, and then a picture that can be shown', async (t) => {
  const phone = await phoneAt(t, HOST);
  let isProved = false;
  const { line, told, send } = await lineTo(
    t,
    phone,
    callerAt(HOST, () => isProved),
  );
  let reports = 0;
  phone.rtcp.on('message', () => reports++);
  send(50);
  line.report();
  await settled(phone.rtp);
  t.is(phone.heard(), 1, 'that is the mark');
  t.is(reports, 0);
  isProved = true;
  send(1);
  await once(phone.rtp, 'message');
  t.deepEqual(told, ['key frame']);
});

test('a third party that a caller names gets nothing, and little for a packet that says to come from there', async (t) => {
  const victim = await phoneAt(t, ELSEWHERE);
  const { line, send, ports } = await lineTo(t, victim, callerAt(HOST, isCaller));
  send(50);
  line.report();
  await settled(victim.rtp);
  t.is(victim.heard(), 1, 'that is the mark');
  victim.rtp.send(rtpPacket({ ssrc: 9, sequence: 1, payload: 20 }), ports.rtp, HOST);
  victim.rtcp.send(writeReport(9, null, []), ports.rtcp, HOST);
  while (victim.heard() === 1) {
    send(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  send(500);
  await settled(victim.rtp);
  t.true(victim.heard() <= 6, `${victim.heard()} packets`);
});

for (const [what, bytes] of [
  ['a STUN request', Buffer.from(`000100002112a442${'07'.repeat(12)}`, 'hex')],
  ['an empty datagram', Buffer.alloc(0)],
] as const) {
  test(`a silent phone that names an address behind its router is heard by ${what}, and then by its media`, async (t) => {
    const phone = await phoneAt(t, HOST);
    const behind = await phoneAt(t, ELSEWHERE);
    const { send, ports } = await lineTo(t, behind, callerAt(HOST));
    phone.rtp.send(bytes, ports.rtp, HOST);
    while (phone.heard() === 0) {
      send(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    t.is(behind.heard(), 0);
    const other = await phoneAt(t, HOST);
    other.rtp.send(rtpPacket({ ssrc: 9, sequence: 1, payload: 20 }), ports.rtp, HOST);
    while (other.heard() === 0) {
      send(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    phone.rtp.send(bytes, ports.rtp, HOST);
    await allOf(t, other, send);
  });
}

test('a phone behind a proxy that reports what it gets has all of it', async (t) => {
  const phone = await phoneAt(t, ELSEWHERE);
  const proved = new Set([HOST]);
  const caller = { ...callerAt(HOST, (host) => proved.has(host)), hasProved: (host: string) => void proved.add(host) };
  const { line, told, send, ports } = await lineTo(t, phone, caller);
  phone.rtp.send(rtpPacket({ ssrc: 9, sequence: 1, payload: 20 }), ports.rtp, HOST);
  phone.rtcp.send(writeReport(9, null, []), ports.rtcp, HOST);
  while (phone.heard() === 0) {
    send(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const report = once(phone.rtcp, 'message');
  line.report();
  const [[datagram]] = [await report];
  const [sent] = readSenderReports(datagram as Uint8Array, 4);
  const block: ReportBlock = {
    ...{ ssrc: line.ssrc, fractionLost: 0, packetsLost: 0, highestSequence: 1, jitter: 0 },
    ...{ lastReport: sent?.shortNtp ?? 0, delaySinceLastReport: 0 },
  };
  phone.rtcp.send(writeReport(9, null, [block]), ports.rtcp, HOST);
  while (!proved.has(ELSEWHERE)) await new Promise((resolve) => setImmediate(resolve));
  await allOf(t, phone, send);
  t.deepEqual(told, ['rtp']);
});

/** As many as a socket of the system holds while nobody reads it come, all of them. */
async function allOf(t: ExecutionContext, phone: Phone, send: (count: number) => void): Promise<void> {
  const before = phone.heard();
  send(40);
  await settled(phone.rtp);
  t.is(phone.heard(), before + 41);
}

test('a phone behind a proxy that never reports is asked once whether it is part of the call, and then has all', async (t) => {
  const phone = await phoneAt(t, ELSEWHERE);
  const [asked, proved]: [string[], Set<string>] = [[], new Set([HOST])];
  const { told, send, ports } = await lineTo(
    t,
    phone,
    callerAt(HOST, (host) => proved.has(host), asked),
  );
  phone.rtp.send(rtpPacket({ ssrc: 9, sequence: 1, payload: 20 }), ports.rtp, HOST);
  while (phone.heard() === 0) {
    send(1);
    await new Promise((resolve) => setImmediate(resolve));
  }
  send(40);
  await settled(phone.rtp);
  t.true(phone.heard() <= 5, `${phone.heard()} packets, with the mark`);
  t.deepEqual(asked, [`ask ${ELSEWHERE}`]);
  proved.add(ELSEWHERE);
  await allOf(t, phone, send);
  t.is(told.filter((what) => what === 'key frame').length, 1, 'what was held back cannot be shown');
});

test('who was named before gets nothing for what another proves', async (t) => {
  const victim = await phoneAt(t, ELSEWHERE);
  const proved = new Set([HOST]);
  const caller = callerAt(HOST, (host) => proved.has(host));
  const { line, told, send, ports } = await lineTo(t, victim, caller);
  victim.rtp.send(rtpPacket({ ssrc: 9, sequence: 1, payload: 20 }), ports.rtp, HOST);
  while (!told.includes('rtp')) await new Promise((resolve) => setImmediate(resolve));
  const to = { host: '127.0.0.3', port: 4000, rtcpPort: 4001 };
  proved.add(to.host);
  line.follow(
    { kind: 'video', format: VP8, heardAs: [96], to, isSentTo: true, sends: true, keyFrameBy: 'pli' },
    caller,
  );
  send(50);
  await settled(victim.rtp);
  t.is(victim.heard(), 1, 'that is the mark');
});

// InnovateAsterisk/Browser-Phone#136, pjsip/pjproject#1234
test('a phone that goes on after it held the call gets a picture that it can show', async (t) => {
  const phone = await phoneAt(t, HOST);
  const caller = callerAt(HOST);
  const { line, told, send } = await lineTo(t, phone, caller);
  const { port } = phone.rtp.address();
  const agreed = {
    ...({ kind: 'video', format: VP8, heardAs: [96], sends: true, keyFrameBy: 'pli' } as const),
    to: { host: HOST, port, rtcpPort: phone.rtcp.address().port },
  };
  send(1);
  line.follow({ ...agreed, isSentTo: false }, caller);
  send(5);
  t.deepEqual(told, []);
  line.follow({ ...agreed, isSentTo: true }, caller);
  send(2);
  t.deepEqual(told, ['key frame']);
  await settled(phone.rtp);
  t.is(phone.heard(), 4, 'with the mark');
});

test('a flood of streams under ever other numbers is one stream', async (t) => {
  const phone = await phoneAt(t, HOST);
  const { told, ports } = await lineTo(t, phone, callerAt(HOST));
  for (let ssrc = 1; ssrc <= 500; ssrc++) {
    phone.rtp.send(rtpPacket({ ssrc, sequence: 1, payload: 20 }), ports.rtp, HOST);
    phone.rtp.send(rtpPacket({ ssrc: 7777, sequence: ssrc, payload: 20 }), ports.rtp, HOST);
  }
  const last = setInterval(
    () => phone.rtp.send(rtpPacket({ ssrc: 7777, sequence: 600, payload: 20 }), ports.rtp, HOST),
    50,
  );
  while (!told.includes('rtp')) await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setTimeout(resolve, 500));
  clearInterval(last);
  t.true(told.filter((what) => what === 'rtp').length < 700);
});
