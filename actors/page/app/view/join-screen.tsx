/** Before the call: how one looks and sounds, who one is, and where to. */
import type { DeviceKind } from '../state/devices.ts';
import { IconButton } from './buttons.tsx';
import { useCall, useSay } from './context.ts';
import { DeviceChoice } from './device-choice.tsx';
import { DeviceNotices } from './device-notice.tsx';
import { Icon } from './icons.tsx';
import { JoinForm } from './join-form.tsx';
import { LevelMeter } from './level-meter.tsx';
import { Complaint } from './notices.tsx';
import { Picture } from './picture.tsx';
import { LanguageAndTheme } from './settings.tsx';
import { useOwnStream } from './use-own-stream.ts';

export function JoinScreen() {
  const say = useSay();
  return (
    <main class="join">
      <header class="join-head">
        <span class="brand">{say('app.name')}</span>
        <LanguageAndTheme />
      </header>
      <div class="join-body">
        <section class="join-see" aria-label={say('join.preview')}>
          <Preview />
          <div aria-live="polite" class="stack">
            <DeviceNotices />
          </div>
          <DeviceChoice />
        </section>
        <section class="join-ask">
          <h1>{say('join.title')}</h1>
          <p class="lead">{say('join.lead')}</p>
          <Complaint />
          <JoinForm />
        </section>
      </div>
    </main>
  );
}

function Preview() {
  const call = useCall();
  const say = useSay();
  const stream = useOwnStream();
  const { microphone, camera } = call.store.state.value.devices;
  const toggle = (kind: DeviceKind, isOn: boolean) => call.switchDevice(kind, !isOn);
  return (
    <div class="preview">
      {stream === null ? (
        <p class="preview-off">
          <Icon name="camera-off" />
          <span>{say('join.off')}</span>
        </p>
      ) : (
        <Picture stream={stream} mirrored />
      )}
      <div class="preview-tools">
        <IconButton
          icon={microphone.is === 'on' ? 'microphone' : 'microphone-off'}
          class={microphone.is === 'on' ? '' : 'is-off'}
          label={say(microphone.is === 'on' ? 'call.mute' : 'call.unmute')}
          onClick={() => toggle('microphone', microphone.is === 'on')}
        />
        <LevelMeter label={say('join.level')} />
        <IconButton
          icon={camera.is === 'on' ? 'camera' : 'camera-off'}
          class={camera.is === 'on' ? '' : 'is-off'}
          label={say(camera.is === 'on' ? 'call.camera.off' : 'call.camera.on')}
          onClick={() => toggle('camera', camera.is === 'on')}
        />
      </div>
    </div>
  );
}
