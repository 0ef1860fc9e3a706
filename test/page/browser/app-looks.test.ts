/** How the page looks and reads: 25 tiles, keyboard alone, what axe finds, and pictures of it in light, dark and phone width. */
import { inBrowser } from './browser-test.ts';
import { axe, fits, keep } from './looks.ts';
import { openMediaEnd } from './media-end.ts';
import { person } from './scripted-peer.ts';

const test = inBrowser();

const NAMES = [
  ...['Bo Lindgren', 'Chen Wei', 'Dana Okafor', 'Eli Cohen', 'Fatima Zahra', 'Gustav Holm', 'Hana Sato', 'Ivan Petrov'],
  ...[
    'Julia Kowalska',
    'Kofi Mensah',
    'Lea Martin',
    'Marco Rossi',
    'Nina Berg',
    'Omar Haddad',
    'Priya Nair',
    'Quentin Roy',
  ],
  ...['Rosa Díaz', 'Sven Olsen', 'Tara Singh', 'Uma Reddy', 'Viktor Novak', 'Wanda Lis', 'Ximena Paz', 'Yusuf Kaya'],
];
const MANY = NAMES.map((name, index) =>
  person(`p${index}`, name, { bps: 180_000 + 9_000 * index, via: index % 5 === 3 ? ['p0'] : [] }),
);
const FEW = [person('bo', 'Bo Lindgren'), person('chen', 'Chen Wei', { via: ['bo'], loss: 0.06 })];
const SHARING = [
  {
    ...person('bo', 'Bo Lindgren'),
    streams: [...(FEW[0]?.streams ?? []), { stream: 'screen', media: 'video' as const, bps: 1_400_000 }],
  },
  ...FEW.slice(1),
];

test('axe finds nothing, before the call and in it, in light and dark, with every panel open', async (t, open) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const { page, peer, join } = await open({ members: SHARING, context: { colorScheme, reducedMotion: 'reduce' } });
    await page.locator('.preview video.is-there').waitFor();
    await page.getByText('More', { exact: true }).click();
    t.deepEqual(await axe(page), [], `join screen, ${colorScheme}`);
    await join();
    peer.send({ type: 'chat', from: 'bo', name: 'Bo', text: 'hello', at: 1, mine: false });
    await page.locator('[data-tile="bo/"]').waitFor();
    for (const panel of ['Chat', 'Picture of the room', 'Invite', 'Settings']) {
      await page
        .getByRole('button', { name: new RegExp(`^${panel}`) })
        .first()
        .click();
      await page.getByRole('complementary').waitFor();
      t.deepEqual(await axe(page), [], `${panel}, ${colorScheme}`);
      await page.keyboard.press('Escape');
    }
  }
});

test('with 25 tiles nothing is cut off, at the width of a phone the tiles scroll', async (t, open, browser) => {
  const media = await openMediaEnd(browser, { width: 160, height: 90 });
  const { page, peer, join } = await open({ members: MANY, media });
  await join();
  await peer.said('show', ({ slots }) => slots.length === 48);
  await page.locator('.stage-item video.is-there').nth(24).waitFor();
  const inside = await page.evaluate(() => {
    const stage = document.querySelector('.stage')?.getBoundingClientRect();
    return [...document.querySelectorAll('.tile')].filter((tile) => {
      const { top, bottom, left, right } = tile.getBoundingClientRect();
      return (
        stage !== undefined && top >= stage.top - 1 && bottom <= stage.bottom + 1 && left >= 0 && right <= innerWidth
      );
    }).length;
  });
  t.is(inside, 25);
  await fits(t, page, '25 tiles');
  await keep(page, '25-tiles');
  peer.forget();
  await page.setViewportSize({ width: 360, height: 740 });
  const { slots } = await peer.said('show', (message) => message.slots.length < 48);
  t.is(slots.filter(({ stream }) => stream === 'voice').length, 24, 'all are heard');
  t.true(slots.some(({ stream }) => stream === 'camera'));
  await fits(t, page, '25 tiles on a phone');
  await keep(page, '25-tiles-phone');
  await media.close();
});

test('the keyboard alone: join, pin, open and close, leave', async (t, open) => {
  const { page, peer } = await open({ members: FEW });
  await page.locator('.preview video.is-there').waitFor();
  const tabTo = async (name: RegExp) => {
    for (let presses = 0; presses < 60; presses++) {
      await page.keyboard.press('Tab');
      const label = await page.evaluate(() => {
        const { activeElement: element } = document;
        const labels =
          element instanceof HTMLInputElement ? [...(element.labels ?? [])].map(({ textContent }) => textContent) : [];
        return element?.getAttribute('aria-label') ?? labels[0] ?? element?.textContent ?? '';
      });
      if (name.test(label)) return;
    }
    throw new Error(`no key leads to ${name}`);
  };
  await tabTo(/^Your name/);
  await page.keyboard.type('Ada');
  await page.keyboard.press('Enter');
  await peer.said('join');
  await page.getByRole('region', { name: 'Controls of the call' }).waitFor();
  await tabTo(/^Pin Bo/);
  await page.keyboard.press('Enter');
  await page.locator('.is-large[data-tile="bo/"]').waitFor();
  await tabTo(/^Chat/);
  await page.keyboard.press('Space');
  t.is(await page.evaluate(() => document.activeElement?.getAttribute('aria-label')), 'Message to all');
  await page.keyboard.press('Escape');
  t.regex(
    (await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))) ?? '',
    /^Chat/,
    'the focus comes back',
  );
  await tabTo(/^Leave/);
  await page.keyboard.press('Enter');
  await peer.said('leave');
});

test('comings and goings are said aloud, once', async (t, open) => {
  const { page, peer, join } = await open({ members: FEW.slice(0, 1) });
  await join();
  await page.locator('[data-tile="bo/"]').waitFor();
  peer.members = FEW;
  peer.tell();
  await page.getByRole('status').getByText('Chen Wei joined').waitFor();
  const before = await page.getByRole('status').allTextContents();
  for (let times = 0; times < 5; times++) peer.tell();
  await page.locator('[data-tile="chen/"]').waitFor();
  t.deepEqual(await page.getByRole('status').allTextContents(), before);
});

const LOOKS = [
  { name: 'light', context: { colorScheme: 'light', viewport: { width: 1_280, height: 800 } } },
  { name: 'dark', context: { colorScheme: 'dark', viewport: { width: 1_280, height: 800 } } },
  { name: 'phone', context: { colorScheme: 'dark', viewport: { width: 360, height: 740 }, deviceScaleFactor: 2 } },
] as const;

test('pictures in light, dark and phone width', async (t, open, browser) => {
  const media = await openMediaEnd(browser);
  for (const { name, context } of LOOKS) {
    const { page, peer, join } = await open({ members: FEW, media, context: { ...context, reducedMotion: 'reduce' } });
    await page.locator('.preview video.is-there').waitFor();
    await fits(t, page, `join screen, ${name}`);
    await keep(page, `join-${name}`);
    await join();
    await page.locator('.stage-item video.is-there').nth(2).waitFor();
    await fits(t, page, `call, ${name}`);
    await keep(page, `call-${name}`);
    peer.members = SHARING;
    peer.tell();
    await page.locator('.is-large video.is-there').waitFor();
    await fits(t, page, `screen, ${name}`);
    await keep(page, `screen-${name}`);
    await page.keyboard.press('c');
    await page.getByRole('complementary').waitFor();
    await fits(t, page, `chat, ${name}`);
    await keep(page, `chat-${name}`);
    await page.context().close();
  }
  await media.close();
});
