/** How many ways a room must move for a plan, exactly, found by an integer program solver. For rooms of up to six. */
import type { Paths } from '../../machines/forwarding/paths.ts';
import type { Plan, PlanInput } from '../../machines/plan.ts';
import { SLICE_COUNT, sliceBit } from '../../machines/slices.ts';
import { twoHopPairs } from './audit.ts';
import { directCopies, pathsOfPlan, ROUNDING, type RoomPaths, rateOfFirst, runsWhole } from './least-moves.ts';
import { legsFrom, type Pattern, patternsOf } from './patterns.ts';
import { expression, optimum, type Term } from './solver.ts';

/** Slices of one source that took the same ways before. */
interface Alike {
  readonly before: Pattern;
  readonly slices: number;
}

/** A number of slices that are alike and take the same ways after. */
interface Choice {
  readonly source: number;
  readonly pattern: Pattern;
  /** The pattern's number. */
  readonly way: number;
  /** How many slices there are to take it. */
  readonly slices: number;
  readonly variable: string;
  /** Ways that one such slice moves. */
  readonly moves: number;
}

/**
 * The fewest moves from `before` to any plan in whole slices that has the rates of a plan, serves everybody, and is no worse by the
 * aims that come before few moves: no source sends fewer copies itself, none is split that the plan does not split, and together no
 * more pairs hang on a relay.
 */
export function fewestMoves(room: PlanInput, plan: Plan, before: RoomPaths): number {
  const ids = room.peers.map(({ id }) => id);
  const rows: string[] = [];
  const choices = ids.flatMap((id, source) =>
    alikeOf(ids, before.get(id) ?? new Map()).flatMap((alike, group) => {
      const own = patternsOf(source, ids.length).map(
        (pattern, way): Choice => ({
          ...{ source, pattern, way, slices: alike.slices, variable: `x${source}_${group}_${way}` },
          moves: [...alike.before].filter(([receiver, through]) => pattern.get(receiver) !== through).length,
        }),
      );
      rows.push(`${expression(own.map(one))} = ${alike.slices}`);
      return own;
    }),
  );
  rows.push(...directRows(room, plan, choices), ...uploadRows(room, plan, choices));
  const pairs = pairRows(choices);
  const whole = wholeRows(room, plan, choices);
  rows.push(
    ...pairs.rows,
    ...whole.rows,
    `${expression(pairs.variables.map((variable) => ({ factor: 1, variable })))} <= ${twoHopPairs(plan)}`,
  );
  const goal = expression(choices.map(({ moves, variable }) => ({ factor: moves, variable })));
  const integers = choices.map(({ variable }) => variable).join(' ');
  const fewest = optimum(
    `Minimize\n${goal}\nSubject To\n${rows.join('\n')}\nGeneral\n${integers}\nBinary\n${[...pairs.variables, ...whole.variables].join(' ')}\nEnd`,
  );
  if (fewest === null) throw new Error('the plan does not fit the room');
  return Math.round(fewest);
}

function one({ variable }: Choice): Term {
  return { factor: 1, variable };
}

function alikeOf(ids: readonly string[], paths: Paths): Alike[] {
  const groups = new Map<string, { before: Map<number, number>; slices: number }>();
  for (let slice = 0; slice < SLICE_COUNT; slice += 1) {
    const before = new Map<number, number>();
    for (const [receiver, ways] of paths) {
      for (const [via, slices] of ways) {
        if (slices & sliceBit(slice)) before.set(ids.indexOf(receiver), ids.indexOf(via ?? receiver));
      }
    }
    const key = [...before].sort(([a], [b]) => a - b).join(' ');
    const group = groups.get(key) ?? { before, slices: 0 };
    group.slices += 1;
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** No source sends less itself than in the plan. */
function directRows(room: PlanInput, plan: Plan, choices: readonly Choice[]): string[] {
  const planned = pathsOfPlan(room, plan);
  return room.peers.map(({ id }, source) => {
    const copies = directCopies(planned.get(id) ?? new Map());
    const own = choices.filter((choice) => choice.source === source);
    return `${expression(own.map(({ pattern, variable }) => ({ factor: legsFrom(pattern, source, source), variable })))} >= ${copies}`;
  });
}

function uploadRows({ peers, headroom }: PlanInput, { rates }: Plan, choices: readonly Choice[]): string[] {
  const unitBps = Math.max(...Object.values(rates)) / SLICE_COUNT;
  const rateOf = (source: number): number => rateOfFirst(peers[source], rates);
  return peers.flatMap(({ uploadBps, lendBps = uploadBps }, peer) => {
    const legs = choices.map(({ source, pattern, variable }) => ({
      ...{ source, variable },
      factor: (legsFrom(pattern, source, peer) * rateOf(source)) / SLICE_COUNT / unitBps,
    }));
    const units = (bps: number): number => (bps * headroom * (1 + ROUNDING)) / unitBps;
    return [
      `${expression(legs)} <= ${units(uploadBps)}`,
      `${expression(legs.filter(({ source }) => source !== peer))} <= ${units(Math.min(lendBps, uploadBps))}`,
    ];
  });
}

/** A variable for each way that a stream can take which is not split, 1 where it takes that. */
function wholeRows(room: PlanInput, plan: Plan, choices: readonly Choice[]): { rows: string[]; variables: string[] } {
  const planned = pathsOfPlan(room, plan);
  const variables = new Set<string>();
  const rows = choices.flatMap(({ source, way, slices, variable }) => {
    if (!runsWhole(planned.get(room.peers[source]?.id ?? '') ?? new Map())) return [];
    variables.add(`w${source}_${way}`);
    return [`${variable} - ${slices} w${source}_${way} = 0`];
  });
  return { rows, variables: [...variables] };
}

/** A variable for each pair of a source and a receiver, 1 where any slice goes through a relay. */
function pairRows(choices: readonly Choice[]): { rows: string[]; variables: string[] } {
  const relayed = new Map<string, Term[]>();
  for (const { source, pattern, variable } of choices) {
    for (const [receiver, through] of pattern) {
      if (through === receiver) continue;
      const pair = `h${source}_${receiver}`;
      const terms = relayed.get(pair) ?? [];
      terms.push({ factor: 1, variable });
      relayed.set(pair, terms);
    }
  }
  const rows = [...relayed].map(
    ([pair, terms]) => `${expression([...terms, { factor: -SLICE_COUNT, variable: pair }])} <= 0`,
  );
  return { rows, variables: [...relayed.keys()] };
}
