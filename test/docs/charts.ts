/** The text of machines/CHARTS.md. */
import type { AnyStateMachine } from 'xstate';
import { chatMachine } from '../../machines/chat/chat.ts';
import { forwardingMachine } from '../../machines/forwarding/forwarding.ts';
import { clientAgreementMachine } from '../../machines/negotiation/client-agreement.ts';
import { negotiationMachine } from '../../machines/negotiation/negotiation.ts';
import { relayAgreementMachine } from '../../machines/negotiation/relay-agreement.ts';
import { pairMachine } from '../../machines/pairs/pair.ts';
import { pairsMachine } from '../../machines/pairs/pairs.ts';
import { peerMachine } from '../../machines/peer.ts';
import { sessionMachine } from '../../machines/signaling/session.ts';
import { signalingMachine } from '../../machines/signaling/signaling.ts';
import { type Chart, type ChartState, type ChartTransition, chartOf, type StatePath } from './chart.ts';
import { table } from './markdown.ts';
import { mermaidOf } from './mermaid.ts';

/** Every machine, parents before their children, with the file that defines it. */
export const MACHINES: readonly { readonly machine: AnyStateMachine; readonly file: string; readonly about: string }[] =
  [
    { machine: peerMachine, file: 'peer.ts', about: 'A peer: starts the others and passes events between them.' },
    { machine: signalingMachine, file: 'signaling/signaling.ts', about: 'Who is in the room, and what each can do.' },
    { machine: sessionMachine, file: 'signaling/session.ts', about: 'The signaling relation with one other peer.' },
    {
      machine: negotiationMachine,
      file: 'negotiation/negotiation.ts',
      about: 'From a view to a plan, and from that to agreements.',
    },
    {
      machine: clientAgreementMachine,
      file: 'negotiation/client-agreement.ts',
      about: 'An agreement as its client sees it.',
    },
    {
      machine: relayAgreementMachine,
      file: 'negotiation/relay-agreement.ts',
      about: 'An agreement as its relay sees it.',
    },
    {
      machine: pairsMachine,
      file: 'pairs/pairs.ts',
      about: 'What peers tell each other of where they are, and whom no way leads to.',
    },
    { machine: pairMachine, file: 'pairs/pair.ts', about: 'How far two peers have come in reaching each other.' },
    { machine: chatMachine, file: 'chat/chat.ts', about: 'What people write to each other.' },
    {
      machine: forwardingMachine,
      file: 'forwarding/forwarding.ts',
      about: 'Routes in force, and their change without a gap.',
    },
  ];

const INTRODUCTION = `<!-- Written by \`npm run charts\` from the machines themselves. Do not edit. -->
# Charts

Every machine of a peer, as its definition has it. In the diagrams, a start mark without an event leads to the initial
state; one with an event means "on this event, wherever in here". Guards are in brackets, delays by their name in
[timers.ts](timers.ts) with their length. The tables hold every transition, also those that act and stay, with the names
of their actions. What the messages are is said in [PROTOCOL.md](PROTOCOL.md).`;

/** The whole document. */
export function chartsDocument(): string {
  return `${[INTRODUCTION, ...MACHINES.map(({ machine, file, about }) => sectionOf(chartOf(machine), file, about))].join('\n\n')}\n`;
}

function sectionOf(chart: Chart, file: string, about: string): string {
  const children = chart.children.map(({ name, invoked }) => `\`${name}\` (${invoked ? 'invoked' : 'spawned'})`);
  const states = statesOf(chart.root).filter(({ entry, description }) => entry.length > 0 || description !== undefined);
  return [
    `## ${chart.id}`,
    `${about} Defined in [${file}](${file}).`,
    ...(children.length === 0 ? [] : [`Children: ${children.join(', ')}.`]),
    `\`\`\`mermaid\n${mermaidOf(chart)}\n\`\`\``,
    ...(states.length === 0 ? [] : [table(['state', 'on entry', 'meaning'], states.map(stateRow))]),
    table(['in', 'on', 'if', 'to', 'does'], chart.transitions.map(transitionRow)),
  ].join('\n\n');
}

function statesOf(root: ChartState): ChartState[] {
  return root.states.flatMap((state) => [state, ...statesOf(state)]);
}

function stateRow({ path, entry, description }: ChartState): string[] {
  return [nameOf(path), entry.map(code).join(', '), description ?? ''];
}

function transitionRow({ source, trigger, guard, target, actions }: ChartTransition): string[] {
  return [
    nameOf(source),
    trigger.includes(' ') ? trigger : code(trigger),
    guard === undefined ? '' : code(guard),
    target === null ? '' : nameOf(target),
    actions.map(code).join(', '),
  ];
}

function nameOf(path: StatePath): string {
  return path.length === 0 ? 'anywhere' : code(path.join('.'));
}

function code(text: string): string {
  return `\`${text}\``;
}
