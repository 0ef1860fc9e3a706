/** A peer's machines: a list of them, the chart of the one that is chosen, its latest transitions, and what it remembers. */
import { useEffect, useState } from 'preact/hooks';
import type { MachineState } from '../../../../room-picture/contract.ts';
import { clockText } from '../clock-text.ts';
import type { Texts } from '../text/texts.ts';
import { ChartView } from './chart-view.tsx';
import type { LaidOutChart } from './layout.ts';

interface Props {
  readonly charts: readonly LaidOutChart[];
  /** Peers that tell of their machines. */
  readonly telling: readonly string[];
  readonly peer: string | null;
  readonly machines: readonly MachineState[];
  /** What was told of a machine last; null: it is not told; undefined: nobody has asked. */
  readonly context: { readonly machine: string; readonly text: string | null } | undefined;
  readonly texts: Texts;
  readonly onLook: (peer: string) => void;
  readonly onAskContext: (machine: string) => void;
}

/** Of the charts, in the order of the documents: a peer's own machines before those of each other. */
export function Machines({ charts, telling, peer, machines, context, texts, onLook, onAskContext }: Props) {
  const [chosen, choose] = useState<string | null>(null);
  const first = telling[0];
  useEffect(() => {
    if (peer === null && first !== undefined) onLook(first);
  }, [peer, first, onLook]);
  if (first === undefined) return <p class="empty">{texts.noCharts}</p>;
  const order = new Map(charts.map(({ id }, place) => [id, place]));
  const sorted = [...machines].sort(
    (a, b) => (order.get(a.chart) ?? 0) - (order.get(b.chart) ?? 0) || (a.machine < b.machine ? -1 : 1),
  );
  const machine = sorted.find((one) => one.machine === chosen) ?? sorted[0];
  const chart = charts.find(({ id }) => id === machine?.chart);
  return (
    <div class="machines">
      <div class="side">
        <label>
          {texts.peer}{' '}
          <select value={peer ?? ''} onChange={(event) => onLook(event.currentTarget.value)}>
            {telling.map((id) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
        <ul aria-label={texts.machines}>
          {sorted.map((one) => (
            <li key={one.machine}>
              <button type="button" aria-pressed={one === machine} onClick={() => choose(one.machine)}>
                <span class="name">{one.machine}</span>
                <span class="in">{one.states.join(' · ')}</span>
              </button>
            </li>
          ))}
        </ul>
      </div>
      {machine !== undefined && (
        <div class="detail">
          <h3>
            {machine.machine} <span class="tag">{machine.chart}</span>
          </h3>
          <p class="about">{chart?.about}</p>
          {chart !== undefined && (
            // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
            // biome-ignore lint/a11y/useSemanticElements: a part of a panel that scrolls.
            <div class="scroll" tabIndex={0} role="region" aria-label={texts.charts}>
              <ChartView
                {...{ chart, machine }}
                label={`${machine.machine}: ${texts.nowIn(machine.states.join(', '))}`}
              />
            </div>
          )}
          <div class="facts">
            <section>
              <h4>{texts.latest}</h4>
              <ol class="steps">
                {machine.latest.toReversed().map((step, place) => (
                  <li key={machine.latest.length - place}>
                    <time>{clockText(step.atMs, texts.language, true)}</time> <b>{step.event}</b>{' '}
                    {step.from.join(', ') || '·'} → {step.to.join(', ') || '·'}
                  </li>
                ))}
              </ol>
            </section>
            <section>
              <h4>{texts.context}</h4>
              <button type="button" class="ask" onClick={() => onAskContext(machine.machine)}>
                {texts.showContext}
              </button>
              {context?.machine === machine.machine && (
                // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
                <pre tabIndex={0}>{context.text ?? texts.noContext}</pre>
              )}
            </section>
          </div>
        </div>
      )}
    </div>
  );
}
