/** People in one call, each with a page: one is relayed, its relay dies, somebody is muted, shares a screen, or loses the peer. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { inChromium, until } from './call-test.ts';
import { Calls, type Person } from './calls.ts';

/** Less than two copies of a camera's small picture and a voice take. */
const POOR = ['--upload', '450k'];

const tileOf = ({ tab }: Person, peer: string) => tab.page.locator(`[data-tile="${peer}/"]`);

/** Pictures that the tile of somebody has shown so far, as its video element counts them. */
function shown(person: Person, peer: string): Promise<number> {
  const video = `document.querySelector('[data-tile="${peer}/"] video')`;
  return person.tab.page.evaluate<number>(`${video}?.getVideoPlaybackQuality().totalVideoFrames ?? 0`);
}

/** Resolves when the tile has shown more pictures than now. */
async function moves(person: Person, peer: string): Promise<void> {
  const before = await shown(person, peer);
  // A new element counts from zero.
  await until(async () => {
    const now = await shown(person, peer);
    return now > before || (now > 0 && now < before);
  });
}

/** A, B and C are in a call, of which C has next to no upload. */
async function withPoorOne(t: ExecutionContext): Promise<readonly [Person, Person, Person]> {
  const calls = await Calls.open(t);
  const [a, b, c] = await Promise.all([
    calls.start('--id', 'A', '--upload', '5m'),
    calls.start('--id', 'B', '--upload', '10m'),
    calls.start('--id', 'C', ...POOR),
  ]);
  await Promise.all([a.tab.join('A'), b.tab.join('B'), c.tab.join('C')]);
  return [a, b, c];
}

/** Who gets C through whom, as the badge on the tile says. */
async function relayed(a: Person, b: Person): Promise<{ readonly receiver: Person; readonly relay: Person }> {
  for (;;) {
    for (const [receiver, relay, name] of [
      [a, b, 'B'],
      [b, a, 'A'],
    ] as const) {
      const badges = await tileOf(receiver, 'C').locator('.badge').allTextContents();
      if (badges.some((text) => text.includes(`via ${name}`))) return { receiver, relay };
    }
    await delay(50);
  }
}

inChromium('three pages see each other, and the badge says through whom the poor one comes', async (t) => {
  const [a, b, c] = await withPoorOne(t);
  await Promise.all([
    ...[moves(a, 'B'), moves(a, 'C'), moves(b, 'A')],
    ...[moves(b, 'C'), moves(c, 'A'), moves(c, 'B')],
  ]);
  const { receiver } = await relayed(a, b);
  await moves(receiver, 'C');
  t.pass();
});

inChromium('the relay of the poor one is killed: its picture goes on', async (t) => {
  const [a, b, c] = await withPoorOne(t);
  const { receiver, relay } = await relayed(a, b);
  await moves(receiver, 'C');
  relay.process.child.kill('SIGKILL');
  const killed = relay === a ? 'A' : 'B';
  await Promise.all([
    tileOf(receiver, killed).waitFor({ state: 'detached' }),
    tileOf(c, killed).waitFor({ state: 'detached' }),
  ]);
  await tileOf(receiver, 'C').locator('.badge', { hasText: 'direct' }).waitFor();
  await moves(receiver, 'C');
  await moves(c, receiver === a ? 'A' : 'B');
  t.pass();
});

inChromium('who is muted is silent, and the tile says so until the voice is back', async (t) => {
  const calls = await Calls.open(t);
  const [ada, bob] = await calls.join('Ada', 'Bob');
  if (ada === undefined || bob === undefined) return t.fail();
  await bob.tab.hears('audio', 1);
  await ada.tab.page.keyboard.press('m');
  const muted = tileOf(bob, 'Ada').getByText('muted');
  await muted.waitFor();
  const packets = async () => (await bob.tab.received()).find(({ kind, energy }) => kind === 'audio' && energy > 0);
  const before = await packets();
  // The picture shows that time has passed.
  await moves(bob, 'Ada');
  t.is((await packets())?.packetsReceived, before?.packetsReceived);
  await ada.tab.page.keyboard.press('m');
  await muted.waitFor({ state: 'detached' });
  await until(async () => ((await packets())?.packetsReceived ?? 0) > (before?.packetsReceived ?? 0));
});

inChromium('a shared screen is a large tile of its own, and is gone when sharing stops', async (t) => {
  const calls = await Calls.open(t);
  const [ada, bob] = await calls.join('Ada', 'Bob');
  if (ada === undefined || bob === undefined) return t.fail();
  await moves(bob, 'Ada');
  // A browser without a window has no screen: a drawing is in its place.
  await ada.tab.page.evaluate(`(() => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 640, height: 360 });
    const pen = canvas.getContext('2d');
    setInterval(() => pen.fillRect(Math.random() * 600, Math.random() * 300, 40, 40), 100);
    navigator.mediaDevices.getDisplayMedia = async () => canvas.captureStream(10);
  })()`);
  await ada.tab.page.keyboard.press('s');
  await bob.tab.page.locator('.is-large[data-tile="Ada/screen"]').waitFor();
  await until(async () =>
    (await bob.tab.received()).some(({ width, framesDecoded }) => width === 640 && framesDecoded > 5),
  );
  await moves(bob, 'Ada');
  await ada.tab.page.keyboard.press('s');
  await bob.tab.page.locator('[data-tile="Ada/screen"]').waitFor({ state: 'detached' });
  t.pass();
});

inChromium(
  'a peer that is started anew under its open page: the page joins again, and both see each other',
  async (t) => {
    const calls = await Calls.open(t);
    const [ada, bob] = await calls.join('Ada', 'Bob');
    if (ada === undefined || bob === undefined) return t.fail();
    await Promise.all([moves(ada, 'Bob'), moves(bob, 'Ada')]);
    const anew = await calls.startAnew(ada);
    t.is(anew.url, ada.url, 'the address of the page is still good');
    await until(() => anew.lines.some((line) => line.includes('"member.joined"') || line.includes('"Bob"')));
    await Promise.all([moves(ada, 'Bob'), moves(bob, 'Ada')]);
  },
);
