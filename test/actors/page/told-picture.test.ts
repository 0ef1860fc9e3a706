/** The room's picture as a page's panel is told it: opened, closed, and opened again by a tab that was loaded anew. */
import test from 'ava';
import { ToldPicture } from '../../../actors/page/told-picture.ts';
import type { ToPage } from '../../../actors/watch/page-messages.ts';
import type { NatsBus } from '../../../infra/nats/connection.ts';

/** A bus on which nobody says anything, and whose server answers when a test lets it. */
function start() {
  const told: ToPage['type'][] = [];
  const flushes: (() => void)[] = [];
  let open = 0;
  const nothing = () => undefined;
  const bus = {
    connected: true,
    subscribe: () => nothing,
    onStatus: () => nothing,
    publish: nothing,
    flush: () => new Promise<void>((resolve) => flushes.push(resolve)),
    close: async () => void open--,
  };
  const picture = new ToldPicture({
    ...{ room: 'garden', roomKey: null, peer: 'A', tell: ({ type }) => told.push(type) },
    machines: { tellTo: nothing, tellNobody: nothing, contextOf: () => null },
    connect: async () => {
      open++;
      return bus as unknown as NatsBus;
    },
  });
  const turn = () => new Promise(setImmediate);
  const answer = async () => {
    await turn();
    flushes.shift()?.();
    await turn();
  };
  return { picture, told, answer, open: () => open };
}
const pictures = (told: readonly ToPage['type'][]) => told.filter((type) => type === 'picture').length;

test('a panel that opens is told all, once, and one that closes hears nothing more', async (t) => {
  const { picture, told, answer, open } = start();
  const watched = [picture.watch(true), picture.watch(true)];
  await answer();
  await Promise.all(watched);
  t.is(pictures(told), 1);
  await picture.watch(false);
  t.is(open(), 0);
});

test('a tab that is loaded anew while the panel opens is told all as well', async (t) => {
  const { picture, told, answer, open } = start();
  const first = picture.watch(true);
  await new Promise(setImmediate);
  const gone = picture.watch(false);
  const again = picture.watch(true);
  await answer();
  await first;
  await answer();
  await Promise.all([gone, again]);
  t.is(pictures(told), 2);
  t.is(open(), 1);
  await picture.watch(false);
});
