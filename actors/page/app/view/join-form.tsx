/** Who joins which room. */
import { useId, useState } from 'preact/hooks';
import type { Join } from '../link/messages.ts';
import { type JoinFault, type JoinFields, readJoin } from '../state/join-fields.ts';
import type { TextKey } from '../text/text.ts';
import { useCall, useSay } from './context.ts';

export function JoinForm() {
  const call = useCall();
  const say = useSay();
  const { suggestions, phase, devices, complaint } = call.store.state.value;
  const [typed, setTyped] = useState<Partial<JoinFields>>({});
  const [fault, setFault] = useState<JoinFault | null>(null);
  const kept = (name: 'name' | 'room') => suggestions[name] || call.preferences.get(name);
  const fields: JoinFields = {
    name: kept('name'),
    room: kept('room'),
    invite: suggestions.invite,
    upload: '',
    ...typed,
  };
  const set = (name: keyof JoinFields) => (value: string) => setTyped((all) => ({ ...all, [name]: value }));
  const going = phase === 'joining';
  const submit = (event: Event) => {
    event.preventDefault();
    const join = readJoin(fields, { camera: devices.camera.is === 'on', voice: devices.microphone.is === 'on' });
    setFault('field' in join ? join : null);
    if (!('field' in join)) call.join(join satisfies Join);
  };
  const faultOf = (name: keyof JoinFields): string => {
    if (fault?.field === name) return say(fault.text);
    return complaint?.field === name ? complaint.text : '';
  };
  const line = (name: keyof JoinFields, label: TextKey, hint?: TextKey) => (
    <Field
      name={name}
      label={say(label)}
      hint={hint === undefined ? '' : say(hint)}
      value={fields[name]}
      fault={faultOf(name)}
      onInput={set(name)}
    />
  );
  return (
    <form class="join-form" onSubmit={submit} noValidate>
      {line('name', 'join.name')}
      {line('room', 'join.room', 'join.room.hint')}
      <details open={fields.invite !== '' || faultOf('invite') !== '' || faultOf('upload') !== ''}>
        <summary>{say('join.more')}</summary>
        {line('invite', 'join.invite', 'join.invite.hint')}
        {line('upload', 'join.upload', 'join.upload.hint')}
      </details>
      <button type="submit" class="button is-primary is-large" disabled={going}>
        {say(going ? 'join.going' : 'join.go')}
      </button>
      <p class="quiet">{withoutText()}</p>
    </form>
  );

  function withoutText(): string {
    const [camera, voice] = [devices.camera.is === 'on', devices.microphone.is === 'on'];
    if (camera && voice) return '';
    if (!camera && !voice) return say('join.without.both');
    return say('join.without', { what: say(camera ? 'device.microphone.small' : 'device.camera.small') });
  }
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint: string;
  readonly value: string;
  readonly fault: string;
  readonly onInput: (value: string) => void;
}

function Field({ name, label, hint, value, fault, onInput }: FieldProps) {
  const id = useId();
  const note = fault || hint;
  return (
    <div class={fault === '' ? 'field' : 'field is-wrong'}>
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        value={value}
        autocomplete="off"
        spellcheck={false}
        aria-invalid={fault !== ''}
        aria-describedby={note === '' ? undefined : `${id}-note`}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      {note !== '' && (
        <p class="field-note" id={`${id}-note`} role={fault === '' ? undefined : 'alert'}>
          {note}
        </p>
      )}
    </div>
  );
}
