/** What keeps a device from working, and what to do about it. */

import type { DeviceKind, DeviceState } from '../state/devices.ts';
import { useCall, useSay } from './context.ts';
import { nameOf } from './device-names.ts';
import { Icon } from './icons.tsx';

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
  if (state.is === 'on' || state.is === 'off') return null;
  const values = { kind: say(`device.${kind}`), label: state.is === 'unplugged' ? nameOf(state.label, kind, say) : '' };
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
