/** A peer that a script drives: whom it obeys, and what it tells. */
import test, { type ExecutionContext } from 'ava';
import { uncheckedText } from '../../actors/bus/sealing/envelope.ts';
import { type Command, command, type News, onNews, type PeerReport } from '../../actors/call/control.ts';
import { connectNats, type NatsBus } from '../../infra/nats/connection.ts';
import { startNatsServer } from '../../infra/nats/server.ts';
import { decodeMessage, type Incoming } from '../../machines/messages.ts';
import { Arrivals } from './arrivals.ts';
import { PeerProcess } from './peer-process.ts';

const BOSS = 'boss';
const VOICE = 'test,codec=opus/48000/2,payload-type=111,bitrate=32k';

/** A script in room `main`, and the profiles that its peers publish. */
async function openScript(t: ExecutionContext, nats: NatsBus) {
  const news = new Arrivals<News & { from: string }>();
  const profiles = new Arrivals<Extract<Incoming, { kind: 'profile' }>>();
  const stop = onNews({ nats, room: 'main', controller: BOSS }, (from, one) => news.add({ ...one, from }));
  const stopTapping = nats.subscribe('rpr.v2.main.*.all.profile', (subject, bytes) => {
    const message = decodeMessage('profile', subject.split('.')[3] ?? '', uncheckedText(bytes) ?? '');
    if ('kind' in message && message.kind === 'profile') profiles.add(message);
  });
  t.teardown(() => {
    stop();
    stopTapping();
  });
  await nats.flush();
  let request = 0;
  const tell = (peer: string, order: Command, controller = BOSS) =>
    command({ nats, room: 'main', controller, peer }, order);
  const ask = async (peer: string): Promise<PeerReport> => {
    const asked = ++request;
    tell(peer, { kind: 'control.ask', body: { request: asked, windows: [], gapsSince: null } });
    const told = await news.first(
      (one): one is News & { kind: 'control.report'; from: string } =>
        one.kind === 'control.report' && one.body.request === asked,
    );
    return told.body;
  };
  /** Asks again until the report is as wanted. */
  const asked = async (peer: string, is: (report: PeerReport) => boolean): Promise<PeerReport> => {
    for (;;) {
      const report = await ask(peer);
      if (is(report)) return report;
    }
  };
  const ready = (peer: string) => news.first((one) => one.kind === 'control.ready' && one.from === peer);
  return { tell, asked, ready, profiles };
}

test('a peer joins, wants and goes by its controller’s word alone, and tells of each stream', async (t) => {
  await using server = await startNatsServer();
  await using nats = await connectNats({ url: server.url, id: BOSS });
  const { tell, asked, ready, profiles } = await openScript(t, nats);
  const start = (id: string, ...args: string[]) =>
    PeerProcess.start('--id', id, '--nats', server.url, '--controller', BOSS, ...args);
  await using a = start('A', '--source', 'test,bitrate=200k', '--source', VOICE);
  await using b = start('B', '--source', 'none', '--want', 'A/voice', '--download', '3mbit');
  await Promise.all([ready('A'), ready('B')]);
  tell('A', { kind: 'control.kill', body: {} }, 'stranger');
  tell('A', { kind: 'control.join', body: {} });
  tell('B', { kind: 'control.join', body: {} });
  await Promise.all([a, b].map((peer) => peer.event(({ event }) => event === 'member.joined')));

  const first = await profiles.first(({ from }) => from === 'B');
  t.like(first.body, { wants: [{ source: 'A', stream: 'voice' }], downloadBps: 3_000_000 });
  const heard = await asked('B', (report) => (report.receptions[1]?.via.A ?? 0) > 20);
  t.deepEqual(heard.receptions[0]?.via, {}, 'nobody is sent what it does not want');
  tell('B', { kind: 'control.want', body: { wants: 'all' } });
  const second = await profiles.first(({ from, body }) => from === 'B' && body.wants === 'all');
  t.is(second.body.downloadBps, 3_000_000);
  tell('B', { kind: 'control.want', body: { downloadBps: null } });
  const third = await profiles.first(({ from, body }) => from === 'B' && body.downloadBps === null);
  t.is(third.body.wants, 'all');

  const { receptions } = await asked('B', (report) => report.receptions.every(({ via }) => (via.A ?? 0) > 0));
  t.deepEqual(
    receptions.map(({ source, stream }) => [source, stream]),
    [
      ['A', 'camera'],
      ['A', 'voice'],
    ],
  );
  const { sent, rateBps, streams } = await asked('A', (report) => report.streams.every(({ sent }) => sent !== null));
  t.deepEqual(
    streams.map(({ stream, rateBps }) => [stream, rateBps]),
    [
      ['camera', 203_712],
      // Both with what sealing and digests add.
      ['voice', 45_712],
    ],
  );
  t.is(rateBps, 203_712);
  t.is(sent, streams[0]?.sent ?? null);

  // Whoever is killed says nothing.
  tell('A', { kind: 'control.kill', body: {} });
  t.is((await a.ended).signal, 'SIGKILL');
  t.false(a.events.some(({ event }) => event === 'peer.ended'));
  tell('B', { kind: 'control.leave', body: {} });
  t.is((await b.ended).code, 0);
});
