/** The servers of a lab answer: NATS, NAT-PMP in a router, TURN. */
import { connectNats } from '../../../infra/nats/connection.ts';
import { Lab } from '../lab.ts';
import { at, mappedTo } from './nat-behaviour.ts';
import { netTest, netTestWith } from './net-test.ts';
import { allocateRequest, readStun, STUN } from './turn-messages.ts';

const DELAY_MS = 4;
const NAT_PMP_PORT = 5351;
/** RFC 6886: what is asked for, and what an answer adds to it. */
const EXTERNAL_ADDRESS = 0;
const MAP_UDP = 1;
const ANSWER = 128;
const LIFETIME_S = 3600;

netTest('the test’s own process speaks with the NATS server of the lab', async (t) => {
  await using lab = await Lab.start({ delayMs: DELAY_MS });
  const nats = await lab.nats();
  await using one = await connectNats({ url: nats.testUrl, id: 'one' });
  await using other = await connectNats({ url: nats.testUrl, id: 'other' });
  const heard = new Promise<string>((resolve) => {
    one.subscribe('lab.greeting', (_, bytes) => resolve(Buffer.from(bytes).toString()));
  });
  await one.flush();
  other.publish('lab.greeting', Buffer.from('hello'));
  t.is(await heard, 'hello');
});

netTestWith('miniupnpd')(
  'a router maps a port that is asked for by NAT-PMP, and then anybody gets in there',
  async (t) => {
    await using lab = await Lab.start({ delayMs: DELAY_MS });
    const stranger = await lab.host();
    const nat = await lab.nat('port-restricted', { portMapping: true });
    const inside = await nat.host();
    await using probe = await inside.probe();
    await using knocks = await stranger.probe();
    const router = { host: inside.router, port: NAT_PMP_PORT };
    await probe.send(Buffer.of(0, EXTERNAL_ADDRESS), router);
    const { bytes: external } = await probe.next();
    t.deepEqual([...external.subarray(0, 4)], [0, ANSWER + EXTERNAL_ADDRESS, 0, 0]);
    t.is(external.subarray(8, 12).join('.'), nat.ipv4);
    const asked = Buffer.alloc(12);
    asked.writeUInt8(MAP_UDP, 1);
    asked.writeUInt16BE(probe.port, 4);
    asked.writeUInt16BE(probe.port, 6);
    asked.writeUInt32BE(LIFETIME_S, 8);
    await probe.send(asked, router);
    const { bytes: mapped } = await probe.next();
    t.deepEqual([...mapped.subarray(0, 4)], [0, ANSWER + MAP_UDP, 0, 0]);
    await knocks.send('knock', { host: nat.ipv4, port: mapped.readUInt16BE(10) });
    t.like(await probe.next(), { text: 'knock', from: at(stranger, knocks) });
  },
);

netTestWith('turnserver')(
  'a TURN server gives an address of its own to who knows the password, and to nobody else',
  async (t) => {
    await using lab = await Lab.start({ delayMs: DELAY_MS });
    const turn = await lab.turn();
    const nat = await lab.nat('symmetric');
    await using probe = await (await nat.host()).probe();
    await probe.send(allocateRequest(), turn.ipv4);
    const refused = readStun((await probe.next()).bytes);
    t.is(refused.type, STUN.allocateError);
    t.is(refused.errorCode, STUN.unauthorized);
    await probe.send(allocateRequest({ ...turn, ...refused }), turn.ipv4);
    const granted = readStun((await probe.next()).bytes);
    t.is(granted.type, STUN.allocateSuccess);
    t.is(granted.relayed?.host, turn.ipv4.host);
    t.is(granted.mapped?.host, nat.ipv4);
    const open = await lab.host();
    await using outside = await open.probe();
    t.notDeepEqual(granted.mapped, await mappedTo(probe, outside, open));
  },
);
