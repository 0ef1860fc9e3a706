/** What is open beside the tiles. It takes the focus when it opens and gives it back when it closes. */

import { useComputed } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Panel } from '../state/state.ts';
import type { TextKey } from '../text/text.ts';
import { IconButton } from './buttons.tsx';
import { Chat } from './chat.tsx';
import { useCall, useSay } from './context.ts';
import { Invite } from './invite.tsx';
import { RoomPanel } from './room-panel.tsx';
import { Settings } from './settings.tsx';

const PANELS: Readonly<Record<Exclude<Panel, 'none'>, { readonly title: TextKey; readonly Content: ComponentType }>> = {
  chat: { title: 'chat.title', Content: Chat },
  room: { title: 'room.title', Content: RoomPanel },
  invite: { title: 'invite.title', Content: Invite },
  settings: { title: 'settings.title', Content: Settings },
};

export function SidePanel() {
  const { store } = useCall();
  const panel = useComputed(() => store.state.value.panel).value;
  return panel === 'none' ? null : <OpenPanel key={panel} panel={panel} />;
}

function OpenPanel({ panel }: { readonly panel: Exclude<Panel, 'none'> }) {
  const { store } = useCall();
  const say = useSay();
  const ref = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const own = ref.current;
    (own?.querySelector<HTMLElement>('[data-first]') ?? own?.querySelector('button'))?.focus();
    return () => {
      const isLost = document.activeElement === document.body || own?.contains(document.activeElement);
      if (isLost && before instanceof HTMLElement) before.focus();
    };
  }, []);
  const { title, Content } = PANELS[panel];
  return (
    <aside ref={ref} class={`panel is-${panel}`} aria-label={say(title)}>
      <header class="panel-head">
        <h2>{say(title)}</h2>
        <IconButton
          icon="close"
          label={say('call.close')}
          onClick={() => store.dispatch({ type: 'panel', panel: 'none' })}
        />
      </header>
      <Content />
    </aside>
  );
}
