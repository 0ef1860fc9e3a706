import test from 'ava';
import { sourcesOf } from '../../checks/sources.ts';
import { distancesTo, importGraph } from './import-graph.ts';
import { testsSeeing } from './test-selection.ts';

const graph = importGraph([
  { path: 'machines/a.ts', text: "import { b } from './b.ts';\nimport type { T } from './t.ts';" },
  { path: 'machines/b.ts', text: "export * from './c/c.ts';" },
  { path: 'machines/c/c.ts', text: "import { setup } from 'xstate';\nimport { a } from '../a.ts';" },
  { path: 'machines/t.ts', text: '' },
  { path: 'actors/peer.ts', text: "await import('../machines/a.ts');" },
  { path: 'test/machines/a.test.ts', text: "import { a } from '../../machines/a.ts';" },
  { path: 'test/machines/c.test.ts', text: "import {\n  type C,\n  c,\n} from '../../machines/c/c.ts';" },
  { path: 'test/integration/peer.test.ts', text: "spawn(new URL('../../actors/peer.ts', import.meta.url));" },
  { path: 'test/integration/root.test.ts', text: "spawn('actors/peer.ts');" },
  { path: 'test/simulation/hostile-known-low.test.ts', text: "import '../../machines/a.ts';" },
  { path: 'test/simulation/hostile-fresh.test.ts', text: "import '../../machines/a.ts';" },
]);

test('imports are followed, also of values among types, exports, and programs that are started', (t) => {
  t.deepEqual(graph.get('machines/b.ts'), ['machines/c/c.ts']);
  t.deepEqual(graph.get('test/machines/c.test.ts'), ['machines/c/c.ts']);
  t.deepEqual(graph.get('test/integration/peer.test.ts'), ['actors/peer.ts']);
  t.deepEqual(graph.get('test/integration/root.test.ts'), ['actors/peer.ts']);
});

test('an import of types alone is none', (t) => {
  t.deepEqual([...distancesTo('machines/t.ts', graph)], [['machines/t.ts', 0]]);
});

test('steps are counted by the shortest way, and a circle ends', (t) => {
  const distances = distancesTo('machines/c/c.ts', graph);
  t.is(distances.get('machines/b.ts'), 1);
  t.is(distances.get('machines/a.ts'), 2);
  t.is(distances.get('test/machines/c.test.ts'), 1);
  t.is(distances.get('test/machines/a.test.ts'), 3);
});

test('the nearest tests come first, and the small hostile rooms come last', (t) => {
  t.deepEqual(testsSeeing('machines/c/c.ts', graph), [
    'test/machines/c.test.ts',
    'test/machines/a.test.ts',
    'test/simulation/hostile-known-low.test.ts',
  ]);
});

test('an actor has the tests of actors, also those that start it as a program', (t) => {
  const files = testsSeeing('actors/peer.ts', graph);
  t.deepEqual(files.sort(), ['test/integration/peer.test.ts', 'test/integration/root.test.ts']);
});

test('what no test imports is seen by none', (t) => {
  t.deepEqual(testsSeeing('machines/t.ts', graph), []);
});

test('in the project itself machines and actors are seen by some test', async (t) => {
  const rooms = await Promise.all((['machines', 'actors', 'infra', 'test'] as const).map(sourcesOf));
  const whole = importGraph(rooms.flat());
  const seen = (path: string) => testsSeeing(path, whole).length > 0;
  t.true(seen('machines/forwarding/liveness.ts'));
  t.true(seen('machines/negotiation/lending.ts'));
  t.true(seen('actors/peer.ts'));
  t.true(seen('actors/media/path-table.ts'));
  t.true(seen('actors/page/page-call.ts'));
  t.true(seen('actors/phone/phone-call.ts'));
  t.true(seen('infra/sip/endpoint.ts'));
  t.true(seen('infra/turn/client.ts'));
});
