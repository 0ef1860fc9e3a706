import test from 'ava';
import { createMachine } from 'xstate';
import { type DirectedGraphNode, toDirectedGraph } from 'xstate/graph';
import { chartOf } from './chart.ts';
import { MACHINES } from './charts.ts';
import { mermaidOf } from './mermaid.ts';

/** The few forms of lines that the diagrams use: all of Mermaid's state grammar that can go wrong is left out. */
const ID = '(?:\\[\\*\\]|[A-Za-z_]+)';
const LINE = new RegExp(`^ +(?:state "[\\w ()]+" as [A-Za-z_]+(?: \\{)?|\\}|${ID} --> ${ID}(?: : [\\w.[\\]() -]+)?)$`);

const statesUnder = ({ children }: DirectedGraphNode): number =>
  children.reduce((count, child) => count + 1 + statesUnder(child), 0);

for (const { machine, file } of MACHINES) {
  test(`the diagram of ${file} keeps to Mermaid's grammar`, (t) => {
    const [head, ...lines] = mermaidOf(chartOf(machine)).split('\n');
    t.is(head, 'stateDiagram-v2');
    for (const line of lines) t.regex(line, LINE);
    t.is(lines.filter((line) => line.endsWith('{')).length, lines.filter((line) => line.trim() === '}').length);
  });

  test(`the diagram of ${file} shows every state and every transition that leads somewhere`, (t) => {
    const chart = chartOf(machine);
    const diagram = mermaidOf(chart);
    t.is(diagram.match(/state "/g)?.length ?? 0, statesUnder(toDirectedGraph(machine)));
    const lines = diagram.split('\n').filter((line) => line.includes(' : '));
    t.is(lines.length, chart.transitions.filter(({ target }) => target !== null).length);
  });
}

test('a line joins siblings, and names the inner states it starts and ends at', (t) => {
  const machine = createMachine({
    id: 'example',
    initial: 'a',
    on: { reset: { target: '.a', reenter: true } },
    states: {
      a: { initial: 'x', states: { x: { on: { go: { guard: 'may', target: '#deep' } } } } },
      b: { initial: 'y', states: { y: {}, z: { id: 'deep', type: 'final' } } },
    },
  });
  t.deepEqual(mermaidOf(chartOf(machine)).split('\n'), [
    'stateDiagram-v2',
    '  state "a" as a {',
    '    state "x" as a_x',
    '    [*] --> a_x',
    '  }',
    '  state "b" as b {',
    '    state "y" as b_y',
    '    state "z" as b_z',
    '    [*] --> b_y',
    '    b_z --> [*]',
    '  }',
    '  [*] --> a',
    '  [*] --> a : reset',
    '  a --> b : go [may] in x to z',
  ]);
});
