/** The call: who is there, what one can do, and what was opened beside it. */

import { useComputed } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { IconButton } from './buttons.tsx';
import { useCall, useSay } from './context.ts';
import { useKeyboard } from './keyboard.ts';
import { News } from './news.tsx';
import { Notices } from './notices.tsx';
import { SidePanel } from './side-panel.tsx';
import { Stage } from './stage.tsx';
import { Toolbar } from './toolbar.tsx';
import { keepAwake } from './wake.ts';

export function CallScreen() {
  useKeyboard(useCall());
  useEffect(keepAwake, []);
  return (
    <div class="call">
      <Head />
      <Notices />
      <div class="call-body">
        <main class="call-main">
          <Stage />
        </main>
        <SidePanel />
      </div>
      <Toolbar />
      <News />
    </div>
  );
}

function Head() {
  const { store } = useCall();
  const say = useSay();
  const room = useComputed(() => store.state.value.room?.self.room ?? '').value;
  const count = useComputed(() => 1 + (store.state.value.room?.members.length ?? 0)).value;
  const panel = useComputed(() => store.state.value.panel).value;
  const toggle = (name: 'invite' | 'settings') => () =>
    store.dispatch({ type: 'panel', panel: panel === name ? 'none' : name });
  return (
    <header class="call-head">
      <h1 class="call-room">{room}</h1>
      <span class="call-count">{count === 1 ? say('call.count.one') : say('call.count', { count })}</span>
      <span class="grow" />
      <IconButton icon="invite" label={say('call.invite')} expanded={panel === 'invite'} onClick={toggle('invite')}>
        <span class="icon-button-text">{say('call.invite')}</span>
      </IconButton>
      <IconButton
        icon="settings"
        label={say('call.settings')}
        expanded={panel === 'settings'}
        onClick={toggle('settings')}
      />
    </header>
  );
}
