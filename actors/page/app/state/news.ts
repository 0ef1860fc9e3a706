/** What is said aloud to somebody who does not see the page: few words, and none of what changes all the time. */
import type { Say } from '../text/text.ts';
import { isInside } from './reduce.ts';
import type { State } from './state.ts';

/** Longer messages are read in the chat itself. */
const MAX_SPOKEN = 120;

/** @returns sentences for what is new; empty: nothing that is worth a word */
export function newsOf(before: State, now: State, say: Say): string[] {
  if (!isInside(now)) return [];
  return [...comingAndGoing(before, now, say), ...ownSwitches(before, now, say), ...chat(before, now, say)];
}

function comingAndGoing(before: State, now: State, say: Say): string[] {
  // Whoever was there already when one joined is not news.
  if (before.room === null || now.room === null || before.room === now.room) return [];
  const [old, members] = [before.room.members, now.room.members];
  const came = members.filter(({ id }) => !old.some((each) => each.id === id));
  const gone = old.filter(({ id }) => !members.some((each) => each.id === id));
  const sharing = members.filter(
    (member) => sharesScreen(member) && !old.some((each) => each.id === member.id && sharesScreen(each)),
  );
  return [
    ...(came.length > 2
      ? [say('news.many', { count: came.length })]
      : came.map(({ name }) => say('news.joined', { name }))),
    ...gone.map(({ name }) => say('news.left', { name })),
    ...sharing.map(({ name }) => say('news.screen', { name })),
  ];
}

function sharesScreen({ streams }: { readonly streams: readonly { readonly group: string }[] }): boolean {
  return streams.some(({ group }) => group === 'screen');
}

function ownSwitches(before: State, now: State, say: Say): string[] {
  const [camera, wasCamera] = [now.devices.camera.is === 'on', before.devices.camera.is === 'on'];
  return [
    ...(before.muted === now.muted ? [] : [say(now.muted ? 'news.muted' : 'news.unmuted')]),
    ...(camera === wasCamera ? [] : [say(camera ? 'news.camera.on' : 'news.camera.off')]),
    ...(now.link.up && !before.link.up ? [say('news.back')] : []),
  ];
}

function chat(before: State, now: State, say: Say): string[] {
  const line = now.chat.at(-1);
  const isNew = line !== undefined && now.chat.length > before.chat.length && !line.mine;
  if (!isNew) return [];
  return now.panel === 'chat'
    ? [`${line.name}: ${short(line.text)}`]
    : [say('chat.new', { name: line.name, text: short(line.text) })];
}

function short(text: string): string {
  return text.length > MAX_SPOKEN ? `${text.slice(0, MAX_SPOKEN)} …` : text;
}
