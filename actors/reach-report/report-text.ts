/** The report as a person reads it. Pure. */
import { endpointText } from '../../infra/path/table/addresses.ts';
import { mappingSentence } from '../reach/addresses/mapping-news.ts';
import { millisecondsText } from '../status/pair-way.ts';
import {
  type Findings,
  type MappingFinding,
  OTHERS,
  type Other,
  type StunFinding,
  type Verdict,
  type Way,
} from './contract.ts';

const INDENT = '  ';

export function reportText(findings: Findings, verdict: Verdict): string {
  const section = (title: string, lines: readonly string[]) => [title, ...lines.map((line) => INDENT + line)];
  const { advice } = verdict;
  return [
    ...section('NAT', natLines(verdict)),
    ...section('Addresses of this machine', addressLines(findings)),
    ...section('Port mapping', [mappingLine(findings.mapping)]),
    ...section('Servers', serverLines(findings)),
    ...section('In a room, members behind each kind of router reach you', wayLines(verdict)),
    ...section('What to change', advice.length === 0 ? ['Nothing.'] : advice.map(({ text }) => text)),
  ].join('\n');
}

const NATS: Readonly<Record<Verdict['nat'], string>> = {
  none: 'none: this machine has a public address.',
  cone: 'one that keeps one outside port for all (endpoint-independent mapping), as most home routers do.',
  symmetric: 'symmetric: it takes another outside port for each receiver, so that none can be told to others.',
  blocked: 'UDP is blocked: nothing comes back from outside.',
  unknown: 'not known: it takes answers of two servers, or of two members of a room, to tell.',
};

function natLines({ nat, outside, openAt }: Verdict): string[] {
  return [
    NATS[nat],
    ...(outside === null ? [] : [`The internet sees ${outside}.`]),
    ...(openAt.length === 0 ? [] : [`Others reach you at ${openAt.map(endpointText).join(' and ')}.`]),
  ];
}

function addressLines({ addresses, bound }: Findings): string[] {
  if (addresses.length === 0) return ['none: this machine is in no network.'];
  const all = addresses.map(({ host, scope }) => `${host} (${scope}${host.includes(':') ? ', IPv6' : ''})`);
  return [...all, `Asked from UDP port ${bound.port}.`];
}

function mappingLine(mapping: MappingFinding): string {
  switch (mapping.kind) {
    case 'not-asked':
      return 'not asked for.';
    case 'mapped': {
      const { by, scope } = mapping.mapped;
      const news = { type: 'mapping.made', address: endpointText(mapping.mapped), by, scope } as const;
      return `${mappingSentence(news)}, after ${millisecondsText(mapping.tookMs)}.`;
    }
    case 'none':
      return `${mappingSentence({ type: 'mapping.none', gateway: mapping.gateway, refusals: mapping.refusals })}.`;
  }
}

function serverLines({ stun, turn, unresolved }: Findings): string[] {
  const lines = [...stun.map(stunLine), ...unresolved];
  if (turn?.kind === 'allocated') {
    lines.push(
      `TURN: takes packets for us at ${turn.relayed.map(endpointText).join(' and ')}, after ${millisecondsText(turn.tookMs)}`,
    );
  }
  if (turn?.kind === 'failed') lines.push(turn.failure.text);
  return lines.length === 0 ? ['none given (--stun, --turn): the members of a room tell each other the rest.'] : lines;
}

function stunLine({ at, says }: StunFinding): string {
  const server = `STUN ${endpointText(at)}:`;
  switch (says.kind) {
    case 'mapped':
      return `${server} sees us at ${endpointText(says.address)}, after ${millisecondsText(says.tookMs)}`;
    case 'silent':
      return `${server} does not answer`;
    case 'refused':
      return `${server} refuses with error ${says.code}`;
  }
}

const OTHER_NAMES: Readonly<Record<Other, string>> = {
  open: 'open (public, mapped, full cone)',
  cone: 'most home routers',
  symmetric: 'symmetric',
  blocked: 'UDP blocked',
};
const NAME_WIDTH = Math.max(...Object.values(OTHER_NAMES).map(({ length }) => length)) + 2;

const WAY_TEXTS: Readonly<Record<Way, string>> = {
  direct: 'directly',
  turn: 'over your TURN server, or an open member',
  relay: 'only over an open member of the room, or a TURN server',
  ask: 'not known: directly, or over an open member',
  never: 'not at all',
};

function wayLines({ reaches }: Verdict): string[] {
  return OTHERS.map((other) => OTHER_NAMES[other].padEnd(NAME_WIDTH) + WAY_TEXTS[reaches[other]]);
}
