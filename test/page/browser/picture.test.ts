/** The picture of a room in Chromium: what is seen, by eyes, keys and screen readers, and what can't be done to it. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import test from 'ava';
import type { Browser, Page } from 'playwright-core';
import type { MachineState } from '../../../actors/room-picture/contract.ts';
import { CHROMIUM, LEFT_OUT, openChromium } from './chromium.ts';
import { arrow, mesh, peer, RELAYED, told } from './made-up-room.ts';
import { RoomTab } from './room-tab.ts';

if (CHROMIUM === undefined) console.log(LEFT_OUT);
const browserTest = CHROMIUM === undefined ? test.skip : test;

let browser: Browser;
test.before(async () => {
  if (CHROMIUM !== undefined) browser = await openChromium();
});
test.after.always(() => browser?.close());

const node = (page: Page, id: string) => page.getByRole('button', { name: new RegExp(`^${id}, `) });
const AT = Date.UTC(2030, 0, 1, 12);

browserTest('who relays for whom is seen at a glance, and said in the table and to a screen reader', async (t) => {
  await using tab = await RoomTab.open(browser);
  await tab.tell(told(RELAYED));
  const relay = node(tab.page, 'B');
  await relay.waitFor();
  t.regex(
    (await relay.getAttribute('aria-label')) ?? '',
    /2 Mbit\/s own, 1 Mbit\/s lent, 7 Mbit\/s free of 10 Mbit\/s, relays for A$/,
  );
  t.is(await tab.page.locator('.node .halo').count(), 1);
  t.is(await relay.locator('.halo').count(), 1);
  t.is(await tab.page.locator('.arrows .arrow').count(), 4);
  t.is(await tab.page.locator('.arrows .arrow.to-relay').count(), 1);
  t.is(await tab.page.locator('.arrows .arrow.relayed').count(), 1);
  t.regex((await tab.page.getByRole('row', { name: /^A / }).textContent()) ?? '', /direct to B; via B to C/);
  t.deepEqual(tab.complaints, []);
});

browserTest('a stream is as wide as it is fast, and has the colour of who sends it wherever it goes', async (t) => {
  await using tab = await RoomTab.open(browser);
  await tab.tell(told({ ...RELAYED, arrows: [...RELAYED.arrows.slice(0, 2), arrow('B', 'A', { bps: 4e6 })] }));
  const looks = (kind: string) =>
    tab.page.locator(`.arrows .${kind} .line`).evaluate((line) => {
      const { stroke, strokeWidth } = getComputedStyle(line);
      return { stroke, width: Number.parseFloat(strokeWidth) };
    });
  const [direct, toRelay, relayed] = [await looks('direct'), await looks('to-relay'), await looks('relayed')];
  t.is(toRelay.stroke, relayed.stroke);
  t.not(direct.stroke, relayed.stroke);
  t.is(direct.width, 2 * relayed.width);
});

browserTest('what has changed moves there, unless that makes the reader dizzy', async (t) => {
  const moved = async (reducedMotion: 'reduce' | 'no-preference') => {
    await using tab = await RoomTab.open(browser, { reducedMotion });
    await tab.tell(told(RELAYED));
    await node(tab.page, 'B').waitFor();
    await tab.page.evaluate(() => {
      for (const type of ['transitionrun', 'animationstart'])
        document.addEventListener(type, () => document.body.setAttribute('data-moved', ''));
    });
    await tab.tell(told({ ...RELAYED, arrows: [arrow('A', 'C', { bps: 9e6 })] }));
    await tab.page.locator('.arrows .direct').first().waitFor();
    const isMoved = tab.page.locator('[data-moved]');
    if (reducedMotion === 'no-preference') await isMoved.waitFor();
    await tab.page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    return (await isMoved.count()) === 1;
  };
  t.true(await moved('no-preference'));
  t.false(await moved('reduce'));
});

browserTest('all of it is done by keys: through the peers, to choose one, and back', async (t) => {
  await using tab = await RoomTab.open(browser);
  await tab.tell(told(RELAYED));
  await node(tab.page, 'A').focus();
  await tab.page.keyboard.press('ArrowRight');
  await tab.page.keyboard.press('ArrowRight');
  await tab.page.keyboard.press('ArrowRight');
  await tab.page.keyboard.press('Enter');
  t.is(await node(tab.page, 'A').getAttribute('aria-pressed'), 'true');
  t.is(await tab.page.locator('.arrows .arrow.dim').count(), 2);
  await tab.page.keyboard.press('Escape');
  t.is(await tab.page.locator('.arrows .arrow.dim').count(), 0);
  await tab.page.getByRole('tab', { name: 'Messages' }).focus();
  await tab.page.keyboard.press('ArrowRight');
  t.is(await tab.page.getByRole('tab', { name: 'Charts' }).getAttribute('aria-selected'), 'true');
});

const machine = (changes: Partial<MachineState> = {}): MachineState => ({
  ...{ machine: 'session.B', chart: 'session', states: ['description.known', 'epoch.sure'] },
  latest: [{ atMs: AT, event: 'described', from: ['description.asking'], to: ['description.known'] }],
  ...changes,
});

browserTest('a chart shows where its machine is, what led there, and on a click what it remembers', async (t) => {
  await using tab = await RoomTab.open(browser);
  await tab.tell(told(RELAYED, ['A']));
  await tab.page.getByRole('tab', { name: 'Charts' }).click();
  await tab.page.getByRole('combobox').waitFor();
  await tab.looksAt('A');
  await tab.tell({ type: 'machines', peer: 'A', moved: [machine()], ended: [], anew: true });
  await tab.page.getByRole('img', { name: 'session.B: now in description.known, epoch.sure' }).waitFor();
  t.deepEqual(
    await tab.page.locator('.chart .state.lit > text').allTextContents(),
    ['description', 'known', 'epoch', 'sure'].sort(
      byPlace(await tab.page.locator('.chart .state > text').allTextContents()),
    ),
  );
  t.regex((await tab.page.locator('.chart .transition.lit').allTextContents()).join(), /described/);
  t.regex(
    (await tab.page.locator('.steps').textContent()) ?? '',
    /\.000 described description\.asking → description\.known/,
  );
  await tab.page.getByRole('button', { name: 'What it remembers' }).click();
  await tab.tell({ type: 'context', peer: 'A', machine: 'session.B', text: '{ "asked": 1 }' });
  await tab.page.getByText('{ "asked": 1 }').waitFor();
  t.deepEqual(tab.asked, [
    { type: 'look', peer: 'A' },
    { type: 'context', peer: 'A', machine: 'session.B' },
  ]);
  await tab.tell({ type: 'machines', peer: 'A', moved: [], ended: ['session.B'], anew: false });
  await tab.page.locator('.chart').waitFor({ state: 'detached' });
});

function byPlace(order: readonly string[]) {
  return (a: string, b: string) =>
    order.findIndex((text) => text.endsWith(a)) - order.findIndex((text) => text.endsWith(b));
}

browserTest('what happened is on the time line and in sentences, what was said in a sequence', async (t) => {
  await using tab = await RoomTab.open(browser);
  const atMs = Date.now();
  await tab.tell(
    told(RELAYED),
    {
      type: 'events',
      anew: true,
      events: [
        { what: 'joined', atMs: atMs - 9000, peer: 'A' },
        { what: 'agreed', atMs: atMs - 6000, client: 'A', relay: 'B', carries: 'camera to C' },
        {
          what: 'switched',
          atMs: atMs - 3000,
          source: 'A',
          stream: 'camera',
          receivers: ['C'],
          before: [null],
          after: ['B'],
        },
        { what: 'left', atMs: atMs - 1000, peer: 'B', why: 'silent' },
      ],
    },
    {
      type: 'lines',
      anew: true,
      lines: [{ atMs, from: 'A', to: 'B', kind: 'relay.request', text: 'relay.request r1 (camera to C)' }],
    },
  );
  const list = tab.page.getByRole('list', { name: 'What happened' });
  await list.getByText('A joined').waitFor();
  t.deepEqual(
    (await list.getByRole('listitem').allInnerTexts()).map((text) => text.replace(/^[\d:.]+\s/, '')),
    ['B was lost: nothing is heard of it', 'A/camera to C: direct → via B', 'B relays for A: camera to C', 'A joined'],
  );
  t.is(await tab.page.locator('.mark').count(), 4);
  t.is(await tab.page.locator('.mark.losses').count(), 1);
  t.deepEqual(await tab.page.locator('.heads text').allTextContents(), ['A', 'B']);
  t.regex((await tab.page.locator('.said').allTextContents()).join(), /relay\.request r1 \(camera to C\)/);
});

const NASTY = [
  '<img src=x onerror="window.hacked=1">',
  '"><script>window.hacked=1</script>',
  "'-alert(1)-'",
  'javascript:window.hacked=1',
  '$'.concat('{window.hacked=1}{{7*7}}'),
  '</title></svg><iframe srcdoc="<script>parent.hacked=1</script>">',
  '\u202egnp.exe\u0000\u0007',
];

browserTest('names, ids, messages, states and contexts are text, whatever is in them', async (t) => {
  await using tab = await RoomTab.open(browser);
  let dialogs = 0;
  tab.page.on('dialog', (dialog) => {
    dialogs += 1;
    void dialog.dismiss();
  });
  for (const text of NASTY) {
    const id = `A${NASTY.indexOf(text)}`;
    const nasty = machine({
      machine: text,
      states: [text],
      latest: [{ atMs: AT, event: text, from: [text], to: [text] }],
    });
    await tab.tell(
      told({ peers: [peer(id, { name: text }), peer('B')], arrows: [arrow(id, 'B', { stream: text })], omitted: 0 }, [
        id,
      ]),
      {
        type: 'events',
        anew: true,
        events: [{ what: 'agreed', atMs: Date.now(), client: text, relay: text, carries: text }],
      },
      { type: 'lines', anew: true, lines: [{ atMs: AT, from: text, to: 'B', kind: text, text }] },
    );
    await tab.page.getByRole('tab', { name: 'Messages' }).click();
    await tab.page.locator('.heads').waitFor();
    await tab.page.getByRole('tab', { name: 'Charts' }).click();
    await tab.page.getByRole('combobox').selectOption(id);
    await tab.looksAt(id);
    await tab.tell(
      { type: 'machines', peer: id, moved: [nasty], ended: [], anew: true },
      { type: 'context', peer: id, machine: text, text },
    );
    await tab.page.locator('.detail pre').waitFor();
    const shown = await tab.page.locator('.detail pre').textContent();
    t.is(shown, text.replaceAll('\u0000', '\ufffd') === shown ? shown : text);
  }
  const found = await tab.page.evaluate(() => ({
    hacked: 'hacked' in window,
    strange: document.querySelectorAll('img, iframe, object, embed, a, form, body script').length,
  }));
  t.deepEqual({ ...found, dialogs }, { hacked: false, strange: 0, dialogs: 0 });
  t.deepEqual(tab.complaints, []);
});

const require = createRequire(import.meta.url);

browserTest('axe finds nothing serious, in light and in dark, with everything on the page', async (t) => {
  const axe = await readFile(require.resolve('axe-core/axe.min.js'), 'utf8');
  for (const colorScheme of ['light', 'dark'] as const) {
    await using tab = await RoomTab.open(browser, { colorScheme, bypassCSP: true, reducedMotion: 'reduce' });
    await tab.tell(
      told({ ...RELAYED, peers: [...RELAYED.peers, peer('D', { compatible: false }), peer('E', { leaving: true })] }, [
        'A',
      ]),
      { type: 'events', anew: true, events: [{ what: 'joined', atMs: Date.now(), peer: 'A' }] },
      { type: 'lines', anew: true, lines: [{ atMs: AT, from: 'A', to: 'B', kind: 'bye', text: 'bye (left)' }] },
    );
    await node(tab.page, 'B').click();
    for (const name of ['Messages', 'Charts']) {
      await tab.page.getByRole('tab', { name }).click();
      if (name === 'Charts') {
        await tab.looksAt('A');
        await tab.tell({ type: 'machines', peer: 'A', moved: [machine()], ended: [], anew: true });
      }
      await tab.page
        .locator(name === 'Charts' ? '.chart' : '.said')
        .first()
        .waitFor();
      await tab.page.addScriptTag({ content: axe });
      const violations = await tab.page.evaluate(async () => {
        const { axe } = window as unknown as { axe: { run: () => Promise<{ violations: Violation[] }> } };
        interface Violation {
          readonly id: string;
          readonly impact: string;
          readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
        }
        const { violations } = await axe.run();
        return violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
      });
      t.deepEqual(violations, [], `${colorScheme} ${name}`);
    }
  }
});

browserTest('on a phone nothing lies beside the screen', async (t) => {
  await using tab = await RoomTab.open(browser, { viewport: { width: 360, height: 740 } });
  for (const picture of [RELAYED, mesh(25, () => 1e6)]) {
    await tab.tell(told(picture));
    await tab.page.waitForFunction(
      (count) => document.querySelectorAll('.node').length === count,
      picture.peers.length,
    );
    t.true(await tab.page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
    const outside = await tab.page.evaluate(
      () =>
        [...document.querySelectorAll('.node .body')].filter((body) => {
          const { left, right } = body.getBoundingClientRect();
          return left < 0 || right > window.innerWidth;
        }).length,
    );
    t.is(outside, 0);
  }
});

browserTest('a reader of German reads German', async (t) => {
  await using tab = await RoomTab.open(browser, { locale: 'de-AT' });
  await tab.tell(told(RELAYED));
  await tab.page.getByRole('heading', { name: 'Wer wessen Pakete trägt' }).waitFor();
  t.is(await tab.page.locator('html').getAttribute('lang'), 'de');
});
