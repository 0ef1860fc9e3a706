/** Languages: all say the same things, and the page says nothing that is not in them. */

import ts from '@typescript/typescript6';
import test from 'ava';
import type { Member } from '../../actors/page/app/link/messages.ts';
import { tilesOf } from '../../actors/page/app/state/tiles.ts';
import { badgeOf } from '../../actors/page/app/text/badge.ts';
import { en } from '../../actors/page/app/text/en.ts';
import { LANGUAGES, languageOf, listText, rateText, sayIn } from '../../actors/page/app/text/text.ts';
import { type SourceFile, sourcesOf } from '../checks/sources.ts';
import { member } from './members.ts';

const placeholders = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([each]) => each).sort();

test('every language has a text for every key, with the same values in it', (t) => {
  t.true(Object.keys(LANGUAGES).length >= 2);
  for (const [language, texts] of Object.entries(LANGUAGES)) {
    t.deepEqual(Object.keys(texts).sort(), Object.keys(en).sort(), language);
    for (const [key, text] of Object.entries(texts)) {
      t.not(text.trim(), '', `${language} ${key}`);
      t.deepEqual(placeholders(text), placeholders(en[key as keyof typeof en]), `${language} ${key}`);
    }
  }
});

test('the language is the first wish that there is one for', (t) => {
  t.is(languageOf(['', 'fr-FR', 'de-AT', 'en']), 'de');
  t.is(languageOf(['xx']), 'en');
  t.is(languageOf(['toString']), 'en');
});

test('values are put in once: a name that looks like a placeholder stays one', (t) => {
  t.is(sayIn('en')('chat.new', { name: '{text}', text: 'x' }), '{text} writes: x');
});

test('rates and lists in both languages', (t) => {
  t.is(rateText(1_230_000, 'en', sayIn('en')), '1.2 Mbit/s');
  t.is(rateText(1_230_000, 'de', sayIn('de')), '1,2 Mbit/s');
  t.is(rateText(64_000, 'en', sayIn('en')), '64 kbit/s');
  t.is(listText(['A', 'B', 'C'], sayIn('de')), 'A, B und C');
  t.is(listText([], sayIn('en')), '');
});

test('a badge says the way, the rate and what is wrong, in words', (t) => {
  const path = {
    pair: 'direct',
    reason: '',
    ...({ plain: 'none', sealed: true, heardBy: [], forgedBy: [] } as const),
    via: [],
    bps: 640_000,
    lossPercent: 0,
    frozenSeconds: 0,
  } as const;
  const names = new Map([['b', 'Bo']]);
  const badge = (more: object) => badgeOf({ ...path, ...more }, names, 'en', sayIn('en'));
  t.deepEqual(badge({}), { way: 'direct', rate: '640 kbit/s', trouble: '', seal: 'encrypted' });
  t.like(badge({ pair: 'via', via: ['b', 'x'] }), { way: 'via Bo and x' });
  t.like(badge({ pair: 'via', bps: 0 }), { way: 'looking for a way', rate: '' });
  t.is(badge({ lossPercent: 1 }).trouble, '');
  t.is(badge({ lossPercent: 6, frozenSeconds: 3 }).trouble, '6% lost, frozen for 3 s');
});

test('a badge says who else hears a stream, and who has forged packets of it', (t) => {
  const names = new Map([['b', 'Bo']]);
  const badge = (more: Partial<Member>, language: 'de' | 'en' = 'en') => {
    const [tile] = tilesOf([member('a', [], more)]);
    return tile && badgeOf(tile.path, names, language, sayIn(language));
  };
  t.is(badge({})?.seal, 'encrypted');
  t.is(badge({ sealed: false })?.seal, 'not encrypted');
  t.is(badge({ heardBy: ['b', 'x'] })?.seal, 'in the clear for Bo and x');
  t.is(badge({ plain: 'hears', sealed: false })?.seal, 'listens in the clear');
  t.is(badge({ plain: 'refused', sealed: false }, 'de')?.seal, 'darf dich unverschlüsselt nicht hören');
  t.is(badge({})?.trouble, '');
  t.is(badge({ forgedBy: ['b'] })?.trouble, 'forged packets via Bo');
  t.is(badge({ forgedBy: ['b'] }, 'de')?.trouble, 'gefälschte Pakete über Bo');
});

/** Attributes that a person sees or hears. */
const SPOKEN = new Set(['aria-label', 'title', 'placeholder', 'alt', 'label', 'caption']);

function wordsIn({ path, text }: SourceFile): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const isText = ts.isJsxText(node) && /\p{L}/u.test(node.text);
    const isAttribute =
      ts.isJsxAttribute(node) &&
      SPOKEN.has(node.name.getText(file)) &&
      node.initializer?.kind === ts.SyntaxKind.StringLiteral;
    if (isText || (isAttribute && !/^"[\w-]+(?:\.[\w-]+)+"$/.test(node.initializer?.getText(file) ?? '')))
      found.push(`${path}: ${node.getText(file).trim()}`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

test('no part of the page has words of its own', async (t) => {
  const parts = (await sourcesOf('actors')).filter(
    ({ path }) => path.startsWith('actors/page/app/') && path.endsWith('.tsx'),
  );
  t.true(parts.length > 10);
  t.deepEqual(parts.flatMap(wordsIn), []);
});

test('the check itself sees words', (t) => {
  const wordy = { path: 'x.tsx', text: 'const a = <p title="Hello">Join <b aria-label={say("x")} /></p>;' };
  t.is(wordsIn(wordy).length, 2);
  t.deepEqual(wordsIn({ path: 'x.tsx', text: 'const a = <p title="join.title">{say("join.go")}</p>;' }), []);
});
