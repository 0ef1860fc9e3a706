/** The line by which others come into the room. */
import { useComputed } from '@preact/signals';
import { useRef, useState } from 'preact/hooks';
import { useCall, useSay } from './context.ts';

export function Invite() {
  const { store } = useCall();
  const say = useSay();
  const line = useComputed(() => store.state.value.room?.invite ?? '').value;
  const field = useRef<HTMLTextAreaElement>(null);
  const [outcome, setOutcome] = useState<'none' | 'copied' | 'by-hand'>('none');
  if (line === '') return <p class="panel-text quiet">{say('invite.empty')}</p>;
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(line);
      setOutcome('copied');
    } catch {
      field.current?.select();
      setOutcome('by-hand');
    }
  };
  return (
    <div class="panel-text stack">
      <p>{say('invite.text')}</p>
      <textarea ref={field} class="invite-line" readOnly rows={5} value={line} aria-label={say('join.invite')} />
      <button type="button" class="button is-primary" onClick={() => void copy()}>
        {say(outcome === 'copied' ? 'invite.copied' : 'invite.copy')}
      </button>
      <p class="quiet" role="status">
        {outcome === 'by-hand' ? say('invite.by-hand') : ''}
      </p>
    </div>
  );
}
