/** Which tests could see a fault in a file, in the order in which they are tried. */
import { distancesTo, type ImportGraph } from './import-graph.ts';

/** Where tests of a folder's code are; the first that fits a path counts. */
const TESTS_OF: readonly (readonly [path: string, folders: readonly string[]])[] = [
  ['machines/plan', ['test/planning/', 'test/machines/', 'test/simulation/']],
  ['machines/uplink/', ['test/uplink/', 'test/simulation/']],
  ['machines/', ['test/machines/', 'test/pairs/', 'test/simulation/']],
  ['actors/plan.ts', ['test/planning/']],
  ['actors/page/', ['test/page/', 'test/page-app/', 'test/actors/']],
  ['actors/phone/', ['test/phone/']],
  ['actors/reach', ['test/reach/', 'test/actors/']],
  ['actors/uplink/', ['test/uplink/', 'test/actors/']],
  ['actors/watch/', ['test/watch/', 'test/room-picture/']],
  ['actors/room-picture/', ['test/room-picture/', 'test/page-app/']],
  ['actors/', ['test/actors/', 'test/media/', 'test/sealed/', 'test/integration/']],
  ['infra/path/', ['test/path/']],
  ['infra/sip/', ['test/sip/', 'test/phone/']],
  [
    'infra/',
    [
      'test/infra/',
      'test/rtp/',
      'test/path/',
      'test/actors/',
      'test/srtp/',
      'test/stun/',
      'test/turn/',
      'test/mapping/',
      'test/web/',
      'test/webrtc/',
      'test/phone/',
    ],
  ],
];

/** Of the simulator's hostile rooms the small ones are played, the same each time: more take a minute, and random ones prove nothing twice. */
const HOSTILE = 'test/simulation/hostile-';
const SMALL_HOSTILE = 'test/simulation/hostile-known-low.test.ts';

/** It packs the whole project, of which a copy has only what is tested. */
const PACKS = 'test/integration/packed-command.test.ts';

/**
 * The tests of the file's own folder that come to run its code, nearest first; what takes long last.
 *
 * @param file from the project's root
 */
export function testsSeeing(file: string, graph: ImportGraph): string[] {
  const folders = TESTS_OF.find(([path]) => file.startsWith(path))?.[1] ?? [];
  const distances = distancesTo(file, graph);
  const near = [...distances.keys()].filter(
    (path) => path.endsWith('.test.ts') && path !== PACKS && folders.some((folder) => path.startsWith(folder)),
  );
  const others = near.filter((path) => !path.startsWith(HOSTILE));
  return near.includes(SMALL_HOSTILE) ? [...others, SMALL_HOSTILE] : others;
}
