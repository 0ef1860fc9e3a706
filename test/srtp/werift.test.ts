/** Another implementation understands ours, and we understand it. */
import test from 'ava';
import { RtpPacket, SrtcpSession, SrtpSession } from 'werift-rtp';
import type { MasterKey } from '../../infra/srtp/profile.ts';
import { SrtpReceiver, SrtpSender } from '../../infra/srtp/srtp.ts';
import { rtpPacket } from '../rtp/packets.ts';
import { MASTER_KEYS, receiverReport } from './keys.ts';

function sessionsOf({ profile, key, salt }: MasterKey) {
  const [masterKey, masterSalt] = [Buffer.from(key), Buffer.from(salt)];
  const keys = {
    ...{ localMasterKey: masterKey, localMasterSalt: masterSalt },
    ...{ remoteMasterKey: masterKey, remoteMasterSalt: masterSalt },
  };
  const config = { keys, profile: profile.number };
  return { rtp: new SrtpSession(config), rtcp: new SrtcpSession(config) };
}

for (const key of MASTER_KEYS) {
  test(`${key.profile.name}: RTP over a wrap, both ways`, (t) => {
    const { rtp } = sessionsOf(key);
    const sender = new SrtpSender(key);
    const receiver = new SrtpReceiver(key);
    for (let sequence = 65_500; sequence < 65_600; sequence++) {
      const packet = Buffer.from(rtpPacket({ sequence: sequence & 0xffff, payload: Buffer.alloc(100, sequence) }));
      t.deepEqual(Buffer.from(rtp.decrypt(Buffer.from(sender.protectRtp(packet)))), packet);
      const { header, payload } = RtpPacket.deSerialize(packet);
      t.deepEqual(receiver.unprotectRtp(rtp.encrypt(payload, header)), packet);
    }
  });

  test(`${key.profile.name}: RTCP, both ways`, (t) => {
    const { rtcp } = sessionsOf(key);
    const sender = new SrtpSender(key);
    const receiver = new SrtpReceiver(key);
    for (let round = 0; round < 5; round++) {
      const report = Buffer.from(receiverReport(9, round));
      t.deepEqual(Buffer.from(rtcp.decrypt(Buffer.from(sender.protectRtcp(report)))), report);
      t.deepEqual(receiver.unprotectRtcp(rtcp.encrypt(report)), report);
    }
  });
}
