/** What becomes of our media port as routers come, change and go, and what is said of it. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test, { type ExecutionContext } from 'ava';
import { type MappingNews, mappingSentence } from '../../actors/reach/addresses/mapping-news.ts';
import { PortMapping } from '../../actors/reach/addresses/port-mapping.ts';
import type { MappedAddress } from '../../infra/mapping/contract.ts';
import type { Gateway } from '../../infra/network/gateway.ts';
import { endpointText } from '../../infra/path/table/addresses.ts';
import { VirtualClock } from '../actors/virtual-clock.ts';
import { OWN_PORT } from './questions.ts';
import { ScriptedRouter } from './scripted-router.ts';

const HOME: Gateway = { host: '192.168.1.1', own: '192.168.1.2' };
const CAFE: Gateway = { host: '10.0.0.1', own: '10.0.0.9' };

/** A mapping in virtual time, over routers that a test sets. */
class Play {
  readonly clock = new VirtualClock();
  readonly routers = new Map([
    [HOME.host, new ScriptedRouter()],
    [CAFE.host, new ScriptedRouter()],
  ]);
  readonly told: (string | null)[] = [];
  readonly said: string[] = [];
  gateway: Gateway | null = HOME;
  /** Clients that are open. */
  open = 0;
  readonly mapping: PortMapping;

  constructor(t: ExecutionContext, prepare: (play: Play) => void = () => undefined) {
    prepare(this);
    this.mapping = PortMapping.open({
      port: OWN_PORT,
      onMapped: (mapped) => this.told.push(textOf(mapped)),
      say: (news) => this.said.push(mappingSentence(news)),
      clock: this.clock,
      findGateway: async () => this.gateway,
      openClient: async ({ target, onAnswer }) => {
        this.open += 1;
        return {
          drops: { stranger: 2, malformed: 3 },
          ask: (question) => {
            const answer = this.routers.get(target.gateway)?.answer(question, this.clock.now()) ?? null;
            if (answer !== null) this.clock.after(2, () => onAnswer(answer));
          },
          close: () => {
            this.open -= 1;
          },
        };
      },
    });
    t.teardown(() => this.clock.advance(10_000));
  }

  router(gateway: Gateway): ScriptedRouter {
    const router = this.routers.get(gateway.host);
    if (router === undefined) throw new Error('no such router');
    return router;
  }

  /** Lets the look for the gateway, which takes no time, come to its end, and then time pass. */
  async advance(ms: number): Promise<void> {
    await new Promise(setImmediate);
    this.clock.advance(ms);
    await new Promise(setImmediate);
  }
}

function textOf(mapped: MappedAddress | null): string | null {
  return mapped === null ? null : `${endpointText(mapped)} ${mapped.by}`;
}

test('a mapping is told once, and said once', async (t) => {
  const play = new Play(t);
  await play.advance(60_000);
  t.deepEqual(play.told, ['20.0.0.1:5000 PCP']);
  t.deepEqual(play.said, ['the router sends what comes to 20.0.0.1:5000 to our media port (PCP)']);
  t.like(play.mapping.mapped, { host: '20.0.0.1', port: 5000 });
  t.deepEqual(play.mapping.drops, { stranger: 2, malformed: 3, unasked: 0 });
});

test('another network: the mapping there is no longer ours, and its router is asked', async (t) => {
  const play = new Play(t);
  play.router(CAFE).host = '20.9.9.9';
  await play.advance(100);
  play.gateway = CAFE;
  play.mapping.networkChanged();
  await play.advance(100);
  t.deepEqual(play.told, ['20.0.0.1:5000 PCP', null, '20.9.9.9:5000 PCP']);
  t.is(play.open, 1);
});

test('another address of ours in the same network: the mapping leads to nobody, and is made anew', async (t) => {
  const play = new Play(t);
  await play.advance(100);
  play.gateway = { ...HOME, own: '192.168.1.77' };
  play.mapping.networkChanged();
  await play.advance(100);
  t.deepEqual(play.told, ['20.0.0.1:5000 PCP', null, '20.0.0.1:5000 PCP']);
});

test('a change that leaves the router the same has it looked at, and nothing told', async (t) => {
  const play = new Play(t);
  await play.advance(100);
  play.router(HOME).takeAsked();
  play.mapping.networkChanged();
  await play.advance(100);
  t.deepEqual(play.router(HOME).takeAsked(), ['PCP look']);
  t.deepEqual(play.told, ['20.0.0.1:5000 PCP']);
});

test('without a router that is said, and a minute later one is found', async (t) => {
  const play = new Play(t, (before) => {
    before.gateway = null;
  });
  await play.advance(30_000);
  t.deepEqual(play.said, ['no router is known that could be asked to forward our media port']);
  t.is(play.open, 0);
  play.gateway = HOME;
  await play.advance(31_000);
  await play.advance(100);
  t.deepEqual(play.told, ['20.0.0.1:5000 PCP']);
});

test('a network that is gone takes its mapping with it', async (t) => {
  const play = new Play(t);
  await play.advance(100);
  play.gateway = null;
  play.mapping.networkChanged();
  await play.advance(100);
  t.deepEqual(play.told, ['20.0.0.1:5000 PCP', null]);
  t.is(play.mapping.mapped, null);
  t.true(play.said.includes('the router no longer sends what comes to 20.0.0.1:5000 to us'));
  t.is(play.open, 0);
});

test('a router that refuses each time is news once', async (t) => {
  const play = new Play(t, (before) => {
    before.router(HOME).refuses = { PCP: 'forbidden', 'NAT-PMP': 'forbidden', UPnP: 'forbidden' };
  });
  await play.advance(10 * 60_000);
  t.deepEqual(play.told, []);
  t.deepEqual(play.said, [
    'the router 192.168.1.1 does not forward our media port: asked by PCP, it forbids that: ' +
      'allow UPnP or NAT-PMP in its settings',
  ]);
});

test('a peer that leaves takes its mapping away, and tells nothing more', async (t) => {
  const play = new Play(t);
  await play.advance(100);
  t.true(play.router(HOME).holds);
  const closed = play.mapping.close();
  await play.advance(10);
  await closed;
  t.false(play.router(HOME).holds);
  t.is(play.open, 0);
  t.deepEqual(play.told, ['20.0.0.1:5000 PCP']);
  await play.mapping.close();
});

test('a peer that leaves a silent router leaves within a second', async (t) => {
  const play = new Play(t);
  await play.advance(100);
  play.router(HOME).speaks = [];
  const closed = Promise.all([play.mapping.close(), play.mapping.close()]);
  await play.advance(1000);
  await closed;
  t.is(play.open, 0);
});

test('a process that has nothing else to do any more ends once the router has taken the mapping away', async (t) => {
  const program = fileURLToPath(new URL('./leaving.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, ['--import=tsx', program]);
  t.is(stdout, 'taken away');
});

const NEWS: readonly (readonly [MappingNews, RegExp])[] = [
  [{ type: 'mapping.made', address: '100.64.0.1:5000', by: 'UPnP', scope: 'private' }, /not public.*NAT of its own/],
  [
    { type: 'mapping.none', gateway: '192.168.1.1', refusals: [{ method: 'PCP', reason: 'silent' }] },
    /neither PCP nor NAT-PMP nor UPnP/,
  ],
  [
    {
      type: 'mapping.none',
      gateway: '192.168.1.1',
      refusals: [
        { method: 'PCP', reason: 'unsupported' },
        { method: 'UPnP', reason: 'no-outside' },
      ],
    },
    /asked by UPnP, it has no public address/,
  ],
];

test('what is said tells a person what to do', (t) => {
  for (const [news, sentence] of NEWS) t.regex(mappingSentence(news), sentence);
});
