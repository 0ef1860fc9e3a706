/** Two or more panels of which one is seen, as WAI-ARIA has it: arrow keys go from tab to tab. */
import type { ComponentChildren } from 'preact';

interface Props<K extends string> {
  /** Names by key. */
  readonly tabs: Readonly<Record<K, string>>;
  readonly chosen: K;
  readonly onChoose: (tab: K) => void;
  /** The panel of the chosen one. */
  readonly children: ComponentChildren;
}

export function Tabs<K extends string>({ tabs, chosen, onChoose, children }: Props<K>) {
  const keys = Object.keys(tabs) as K[];
  const onKeyDown = (event: KeyboardEvent & { readonly currentTarget: HTMLElement }) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    const next = keys[(keys.indexOf(chosen) + step + keys.length) % keys.length];
    if (step === 0 || next === undefined) return;
    onChoose(next);
    event.currentTarget.querySelector<HTMLElement>(`#tab-${next}`)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" tabIndex={-1} onKeyDown={onKeyDown}>
        {keys.map((key) => (
          <button
            key={key}
            id={`tab-${key}`}
            type="button"
            role="tab"
            aria-selected={key === chosen}
            aria-controls="tab-panel"
            tabIndex={key === chosen ? 0 : -1}
            onClick={() => onChoose(key)}
          >
            {tabs[key]}
          </button>
        ))}
      </div>
      <div id="tab-panel" role="tabpanel" aria-labelledby={`tab-${chosen}`}>
        {children}
      </div>
    </>
  );
}
