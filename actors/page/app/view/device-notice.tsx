/** What keeps a device from working, and what to do about it. */

import type { DeviceKind, DeviceState } from '../state/devices.ts';
import { useCall, useSay } from './context.ts';
import { nameOf } from './device-names.ts';
import { Icon } from './icons.tsx';
import { Notice } from './notice.tsx';

export function DeviceNotices() {
  const { devices } = useCall().store.state.value;
  const { camera, microphone } = devices;
  if (camera.is === 'insecure' || microphone.is === 'insecure')
    return <DeviceNotice kind="camera" state={{ is: 'insecure' }} />;
  if (camera.is === 'asking' || microphone.is === 'asking')
    return <DeviceNotice kind="camera" state={{ is: 'asking' }} />;
  return (
    <>
      <DeviceNotice kind="microphone" state={microphone} />
      <DeviceNotice kind="camera" state={camera} />
    </>
  );
}

function DeviceNotice({ kind, state }: { readonly kind: DeviceKind; readonly state: DeviceState }) {
  const { capture } = useCall();
  const say = useSay();
  if (state.is === 'off') return null;
  if (state.is === 'on')
    return state.insteadOf === null ? null : <StandInNotice kind={kind} {...state} lost={state.insteadOf} />;
  const values = { kind: say(`device.${kind}`), label: 'label' in state ? nameOf(state.label, kind, say) : '' };
  const canRetry = state.is !== 'asking' && state.is !== 'insecure';
  return (
    <div class={`notice is-device ${state.is === 'asking' ? 'is-calm' : 'is-warning'}`}>
      <Icon name={state.is === 'asking' ? 'camera' : 'warning'} />
      <p>
        <strong>{say(`device.${state.is}.title`, values)}</strong>
        <span>{say(`device.${state.is}.text`, values)}</span>
      </p>
      {canRetry && (
        <button type="button" class="button is-small" onClick={() => void capture.start([kind])}>
          {say(state.is === 'unplugged' ? 'device.other' : 'device.again')}
        </button>
      )}
    </div>
  );
}

/** Another device than the one that was chosen is in use, which nobody has asked for. */
function StandInNotice({
  kind,
  label,
  lost,
}: {
  readonly kind: DeviceKind;
  readonly label: string;
  readonly lost: string;
}) {
  const say = useSay();
  const values = { lost: nameOf(lost, kind, say), label: nameOf(label, kind, say) };
  return (
    <Notice icon={kind} look="calm">
      <p>
        <strong>{say('device.stands-in.title', values)}</strong>
        <span>{say('device.stands-in.text', values)}</span>
      </p>
    </Notice>
  );
}
