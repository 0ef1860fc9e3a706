/** The page: before the call, in it, or in another tab. */
import { useComputed, useSignalEffect } from '@preact/signals';
import { isInside } from '../state/reduce.ts';
import type { TextKey } from '../text/text.ts';
import { CallScreen } from './call-screen.tsx';
import { useCall, useSay } from './context.ts';
import { JoinScreen } from './join-screen.tsx';
import { LinkNotice } from './notices.tsx';

export function App() {
  const { store } = useCall();
  useSignalEffect(() => {
    document.documentElement.lang = store.language.value;
  });
  const inside = useComputed(() => isInside(store.state.value)).value;
  const phase = useComputed(() => store.state.value.phase).value;
  if (inside) return <CallScreen />;
  if (phase === 'occupied') return <Elsewhere title="occupied.title" text="occupied.text" take="occupied.take" />;
  if (phase === 'replaced') return <Elsewhere title="replaced.title" text="replaced.text" take="replaced.take" />;
  if (phase === 'connecting') return <Connecting />;
  return (
    <>
      <div class="notices" aria-live="polite">
        <LinkNotice />
      </div>
      <JoinScreen />
    </>
  );
}

function Connecting() {
  const { store } = useCall();
  const say = useSay();
  const failed = useComputed(() => store.state.value.link.failures > 0).value;
  return (
    <main class="alone-page">
      <span class="brand">{say('app.name')}</span>
      {failed ? <LinkNotice /> : <p class="quiet">{say('app.connecting')}</p>}
    </main>
  );
}

interface ElsewhereProps {
  readonly title: TextKey;
  readonly text: TextKey;
  readonly take: TextKey;
}

function Elsewhere({ title, text, take }: ElsewhereProps) {
  const call = useCall();
  const say = useSay();
  return (
    <main class="alone-page">
      <span class="brand">{say('app.name')}</span>
      <h1>{say(title)}</h1>
      <p class="lead">{say(text)}</p>
      <button type="button" class="button is-primary is-large" onClick={() => call.takeOver()}>
        {say(take)}
      </button>
    </main>
  );
}
