/** The room as a picture in the panel of a call: what is told of it and when, what is seen, and how that looks. */
import type { Page } from 'playwright-core';
import type { ToPage } from '../../../actors/watch/page-messages.ts';
import { inBrowser, type OpenPage } from './browser-test.ts';
import { axe, fits, keep } from './looks.ts';
import { peer as pictured, RELAYED, told } from './made-up-room.ts';
import { person } from './scripted-peer.ts';

const test = inBrowser();

const AT = Date.UTC(2030, 0, 1, 12);
const MEMBERS = [person('B', 'Bo Lindgren'), person('C', 'Chen Wei', { via: ['B'] })];
const NAMED = {
  ...RELAYED,
  peers: RELAYED.peers.map((peer, place) => ({ ...peer, name: ['Ada', 'Bo Lindgren', 'Chen Wei'][place] ?? '' })),
};
const TOLD: readonly ToPage[] = [
  { type: 'room', room: 'garden', recorded: null },
  told(NAMED, ['A']),
  {
    type: 'events',
    anew: true,
    events: [
      { what: 'joined', atMs: AT, peer: 'A' },
      { what: 'agreed', atMs: AT + 10, client: 'A', relay: 'B', carries: 'camera to C' },
      {
        what: 'switched',
        atMs: AT + 20,
        source: 'A',
        stream: 'camera',
        receivers: ['C'],
        before: [null],
        after: ['B'],
      },
    ],
  },
  {
    type: 'lines',
    anew: true,
    lines: [
      { atMs: AT, from: 'A', to: 'all', kind: 'invite', text: 'invite (camera VP8/90000 1 Mbit/s)' },
      { atMs: AT + 10, from: 'B', to: 'A', kind: 'relay.offer', text: 'relay.offer r1 (camera to C)' },
    ],
  },
];
const MACHINE = {
  ...{ machine: 'session.B', chart: 'session', states: ['description.known', 'epoch.sure'] },
  latest: [{ atMs: AT, event: 'answer.received', from: ['description.coming'], to: ['description.known'] }],
};
const PARTS = ['Picture', 'What happened', 'Messages', 'Charts'];

const say = ({ peer }: OpenPage) => {
  for (const one of TOLD) peer.send({ type: 'picture', told: one });
};
const openPanel = (page: Page) => page.getByRole('button', { name: /^Picture of the room/ }).click();
const part = (page: Page, name: string) => page.getByRole('tab', { name });
const node = (page: Page, name: string) => page.getByRole('button', { name: new RegExp(`^${name}, `) });

test('the panel shows who carries whose packets, what happened, what was said, and lit charts', async (t, open) => {
  const opened = await open({ members: MEMBERS });
  const { page, peer, join } = opened;
  await join();
  await openPanel(page);
  t.deepEqual(await peer.said('watch'), { type: 'watch', on: true });
  say(opened);
  await node(page, 'Bo Lindgren').waitFor();
  t.is(await page.locator('.node .halo').count(), 1);
  t.is(await page.locator('.arrows .arrow.relayed').count(), 1);
  t.regex((await page.getByRole('row', { name: /^Ada / }).textContent()) ?? '', /direct to B; via B to C/);
  peer.send({ type: 'picture', told: told({ ...NAMED, peers: [...NAMED.peers, pictured('D')] }, ['A']) });
  await node(page, 'D').waitFor();

  await part(page, PARTS[1] ?? '').click();
  await page.getByText('A/camera to C').waitFor();
  await part(page, PARTS[2] ?? '').click();
  await page.locator('.said').nth(1).waitFor();
  await part(page, PARTS[3] ?? '').click();
  t.deepEqual(await peer.said('look'), { type: 'look', peer: 'A' });
  peer.send({ type: 'picture', told: { type: 'machines', peer: 'A', moved: [MACHINE], ended: [], anew: true } });
  await page.locator('.chart .state.lit.leaf').first().waitFor();
  await page.getByRole('button', { name: 'What it remembers' }).click();
  t.deepEqual(await peer.said('context'), { type: 'context', peer: 'A', machine: 'session.B' });
  peer.send({ type: 'picture', told: { type: 'context', peer: 'A', machine: 'session.B', text: '{"peer":"B"}' } });
  await page.getByText('{"peer":"B"}').waitFor();
});

test('it is told of only while it is open, and again after the connection was lost', async (t, open) => {
  const { page, peer, join } = await open({ members: MEMBERS });
  await join();
  t.false(peer.heard.some(({ type }) => type === 'watch'));
  await openPanel(page);
  await peer.said('watch', ({ on }) => on);
  peer.forget();
  peer.drop();
  await peer.said('watch', ({ on }) => on);
  t.true(peer.heard.findIndex(({ type }) => type === 'hello') < peer.heard.findIndex(({ type }) => type === 'watch'));
  await page.keyboard.press('Escape');
  await peer.said('watch', ({ on }) => !on);
  peer.forget();
  peer.drop();
  await peer.said('hello');
  await peer.said('mute');
  t.false(peer.heard.some(({ type }) => type === 'watch'));
});

test('what is no picture changes nothing, and names are only text', async (t, open) => {
  const opened = await open({ members: MEMBERS });
  const { page, peer, join } = opened;
  await join();
  await openPanel(page);
  say(opened);
  for (const nothing of [null, 7, { type: 'no-such' }, { type: 'playback', atMs: 1 }, { type: 'toString' }])
    peer.send({ type: 'picture', told: nothing });
  const name = '<img src=x onerror="document.title=1">';
  peer.send({
    type: 'picture',
    told: { type: 'picture', picture: { peers: [null, { id: 'X', name, uploadBps: 'much' }], arrows: 'none' } },
  });
  await page.getByRole('row', { name: /onerror/ }).waitFor();
  t.is(await page.title(), 'RPR');
});

const LOOKS = [
  { name: 'light', context: { colorScheme: 'light', viewport: { width: 1_280, height: 800 } } },
  { name: 'dark', context: { colorScheme: 'dark', viewport: { width: 1_280, height: 800 } } },
  { name: 'phone', context: { colorScheme: 'dark', viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 } },
] as const;

test('axe finds nothing in any part of it, and it fits in light, dark and phone width', async (t, open) => {
  for (const { name, context } of LOOKS) {
    const opened = await open({ members: MEMBERS, context: { ...context, reducedMotion: 'reduce' } });
    const { page, peer, join } = opened;
    await join();
    await openPanel(page);
    say(opened);
    await node(page, 'Bo Lindgren').waitFor();
    for (const [place, each] of PARTS.entries()) {
      await part(page, each).click();
      if (place === PARTS.length - 1) {
        await peer.said('look');
        peer.send({ type: 'picture', told: { type: 'machines', peer: 'A', moved: [MACHINE], ended: [], anew: true } });
        await page.locator('.chart .state.lit.leaf').first().waitFor();
      }
      t.deepEqual(await axe(page), [], `${each}, ${name}`);
      await fits(t, page, `${each}, ${name}`);
      await keep(page, `room-${place}-${name}`);
    }
    await page.context().close();
  }
});
