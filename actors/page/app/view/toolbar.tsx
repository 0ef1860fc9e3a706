/** The bar at the bottom: what is needed all the time. Leaving stands apart, and far from the settings. */
import { useComputed } from '@preact/signals';
import { Tool } from './buttons.tsx';
import { useCall, useSay } from './context.ts';
import { openFloating } from './floating.tsx';

export function Toolbar() {
  const call = useCall();
  const { store } = call;
  const say = useSay();
  const view = useComputed(() => {
    const { muted, talking, devices, screen, panel, unread, saver } = store.state.value;
    const hasMicrophone = devices.microphone.is === 'on';
    return {
      voice: hasMicrophone && (!muted || talking),
      camera: devices.camera.is === 'on',
      screen,
      panel,
      unread,
      saver,
    };
  }).value;
  const withKey = (action: string, key: string) => say('call.key', { action, key });
  const mute = say(view.voice ? 'call.mute' : 'call.unmute');
  const camera = say(view.camera ? 'call.camera.off' : 'call.camera.on');
  const screen = say(view.screen ? 'call.screen.stop' : 'call.screen');
  const open = (name: 'chat' | 'room') => () =>
    store.dispatch({ type: 'panel', panel: view.panel === name ? 'none' : name });
  return (
    <div class="toolbar" role="toolbar" aria-label={say('call.tools')}>
      <div class="toolbar-side">
        <Tool
          icon="saver"
          label={say('call.saver')}
          caption={say('call.saver')}
          on={view.saver}
          onClick={() => call.setSaver(!view.saver)}
          class="is-extra"
        />
        <Tool
          icon="pip"
          label={say('call.pip')}
          caption={say('call.pip')}
          onClick={() => void openFloating(call)}
          class="is-extra"
        />
      </div>
      <div class="toolbar-middle">
        <Tool
          icon={view.voice ? 'microphone' : 'microphone-off'}
          label={withKey(mute, 'M')}
          caption={mute}
          off={!view.voice}
          onClick={() => call.toggleMuted()}
        />
        <Tool
          icon={view.camera ? 'camera' : 'camera-off'}
          label={withKey(camera, 'V')}
          caption={camera}
          off={!view.camera}
          onClick={() => call.toggleCamera()}
        />
        {'getDisplayMedia' in (navigator.mediaDevices ?? {}) && (
          <Tool
            icon="screen"
            label={withKey(screen, 'S')}
            caption={screen}
            on={view.screen}
            onClick={() => void call.toggleScreen()}
          />
        )}
        <Tool
          icon="room"
          label={say('call.room')}
          caption={say('call.room')}
          on={view.panel === 'room'}
          onClick={open('room')}
          class="is-extra"
        />
        <span class="tool-with-count">
          <Tool
            icon="chat"
            label={view.unread > 0 ? say('chat.unread', { count: view.unread }) : withKey(say('call.chat'), 'C')}
            caption={say('call.chat')}
            on={view.panel === 'chat'}
            onClick={open('chat')}
          />
          {view.unread > 0 && (
            <span class="count" aria-hidden="true">
              {view.unread}
            </span>
          )}
        </span>
      </div>
      <div class="toolbar-side is-end">
        <Tool
          icon="leave"
          label={say('call.leave')}
          caption={say('call.leave')}
          onClick={() => call.leave()}
          class="is-leave"
        />
      </div>
    </div>
  );
}
