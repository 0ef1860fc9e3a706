/** Which microphone, camera and speaker: the same lists before the call and in it. */
import { useId } from 'preact/hooks';
import type { Devices } from '../state/devices.ts';
import { useCall, useSay } from './context.ts';
import { choicesOf } from './device-names.ts';
import { Icon, type IconName } from './icons.tsx';

export function DeviceChoice() {
  const { store, capture, preferences } = useCall();
  const { devices } = store.state.value;
  return (
    <div class="device-choice">
      <Choice
        kind="microphone"
        icon="microphone"
        list={devices.microphones}
        chosen={chosenOf(devices, 'microphone', preferences.get('microphone'))}
        onChoose={(id) => void capture.choose('microphone', id)}
      />
      <Choice
        kind="camera"
        icon="camera"
        list={devices.cameras}
        chosen={chosenOf(devices, 'camera', preferences.get('camera'))}
        onChoose={(id) => void capture.choose('camera', id)}
      />
      <Choice
        kind="speaker"
        icon="speaker"
        list={devices.speakers}
        chosen={devices.speaker}
        onChoose={(id) => {
          preferences.set('speaker', id);
          store.dispatch({ type: 'devices.speaker', id });
        }}
      />
    </div>
  );
}

/** What is in use counts more than what was chosen once and may be gone. */
function chosenOf(devices: Devices, kind: 'microphone' | 'camera', preferred: string): string {
  const state = devices[kind];
  return state.is === 'on' ? state.id : preferred;
}

interface ChoiceProps {
  readonly kind: 'microphone' | 'camera' | 'speaker';
  readonly icon: IconName;
  readonly list: Devices['microphones'];
  readonly chosen: string;
  readonly onChoose: (id: string) => void;
}

function Choice({ kind, icon, list, chosen, onChoose }: ChoiceProps) {
  const say = useSay();
  const id = useId();
  const choices = choicesOf(list, kind, say);
  const isListed = choices.some((each) => each.id === chosen);
  return (
    <div class="choice">
      <label for={id}>
        <Icon name={icon} />
        <span>{say(`device.${kind}`)}</span>
      </label>
      <select id={id} value={isListed ? chosen : ''} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        {!isListed && <option value="">{say('device.default')}</option>}
        {choices.map((choice) => (
          <option key={choice.id} value={choice.id}>
            {choice.label}
          </option>
        ))}
      </select>
    </div>
  );
}
