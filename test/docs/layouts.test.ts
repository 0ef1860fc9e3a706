import test from 'ava';
import type { LaidOutChart } from '../../actors/page/app/picture/charts/layout.ts';
import { type ChartState, chartOf } from './chart.ts';
import { MACHINES } from './charts.ts';
import { layoutsDocument } from './layouts.ts';

const charts: LaidOutChart[] = JSON.parse(await layoutsDocument());
const statesUnder = ({ states }: ChartState): string[] =>
  states.flatMap((state) => [state.path.join('.'), ...statesUnder(state)]);

for (const { machine } of MACHINES) {
  const chart = chartOf(machine);
  const laidOut = charts.find(({ id }) => id === machine.id);

  test(`the drawing of ${machine.id} has every state once, inside what holds it`, (t) => {
    const named = (laidOut?.states ?? []).filter(({ path }) => path !== '');
    t.deepEqual(named.map(({ path }) => path).sort(), statesUnder(chart.root).sort());
    for (const state of named) {
      const holder = named.find(({ path }) => path === state.path.split('.').slice(0, -1).join('.'));
      const { x, y, width, height } = holder ?? {
        x: 0,
        y: 0,
        width: laidOut?.width ?? 0,
        height: laidOut?.height ?? 0,
      };
      t.true(state.x >= x && state.y >= y, state.path);
      t.true(state.x + state.width <= x + width && state.y + state.height <= y + height, state.path);
    }
  });

  test(`the drawing of ${machine.id} tells of every transition that leads somewhere`, (t) => {
    const lines = (laidOut?.transitions ?? []).flatMap(({ label }) => label.lines);
    t.is(lines.length, chart.transitions.filter(({ target }) => target !== null).length);
    for (const { points } of laidOut?.transitions ?? []) t.true(points.length >= 4 && points.length % 2 === 0);
  });
}
