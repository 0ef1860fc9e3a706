import test from 'ava';
import { compare, DOCUMENTS } from './documents.ts';

for (const document of DOCUMENTS) {
  test(`${document.path} is what the code says`, async (t) => {
    const { isFresh } = await compare(document);
    t.true(isFresh, `${document.path} is stale: run \`npm run docs\``);
  });
}
