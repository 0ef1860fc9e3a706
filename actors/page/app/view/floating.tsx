/**
 * Picture in picture: a window of its own with who speaks and with the switches for microphone and camera, where the
 * browser has that (Document Picture-in-Picture); else the one picture that is largest. The sound stays with the page.
 */
import { useComputed } from '@preact/signals';
import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Call } from '../call.ts';
import { mainTileOf } from '../state/tiles.ts';
import { Tool } from './buttons.tsx';
import { CallContext, useCall, useSay } from './context.ts';
import { OwnTile } from './own-tile.tsx';
import { keptTheme, showTheme } from './theme.ts';
import { RemoteTile } from './tile.tsx';

const SIZE = { width: 400, height: 300 };

interface FloatingWindows {
  requestWindow(size: typeof SIZE): Promise<Window>;
}

/** To be called from a click: browsers open such windows for nothing else. */
export async function openFloating(call: Call): Promise<void> {
  const windows = (window as { documentPictureInPicture?: FloatingWindows }).documentPictureInPicture;
  try {
    if (windows === undefined) await floatPicture(call);
    else floatCall(call, await windows.requestWindow(SIZE));
  } catch {
    call.store.dispatch({ type: 'complain', code: 'pip.none' });
  }
}

function floatCall(call: Call, floating: Window): void {
  const page = floating.document;
  page.documentElement.lang = document.documentElement.lang;
  page.title = document.title;
  showTheme(keptTheme(call.preferences), page.documentElement);
  for (const { href } of document.querySelectorAll<HTMLLinkElement>('link[rel=stylesheet]')) {
    page.head.append(Object.assign(page.createElement('link'), { rel: 'stylesheet', href }));
  }
  render(
    <CallContext.Provider value={call}>
      <FloatingCall />
    </CallContext.Provider>,
    page.body,
  );
  floating.addEventListener('pagehide', () => {
    call.floating.value = null;
    render(null, page.body);
  });
  // A call that ends takes its window along.
  const stop = call.store.state.subscribe(({ phase }) => {
    if (phase !== 'lobby' && phase !== 'replaced') return;
    queueMicrotask(() => stop());
    floating.close();
  });
}

function FloatingCall() {
  const call = useCall();
  const { store } = call;
  const say = useSay();
  const tile = useComputed(() => {
    const { speaker } = store.state.value;
    const spoken = speaker === null ? undefined : store.tiles.value.get(mainTileOf(speaker));
    return store.stage.value.large ?? spoken?.id ?? [...store.tiles.value.keys()][0] ?? '';
  }).value;
  useEffect(() => {
    call.floating.value = tile;
  }, [call, tile]);
  const voice = store.heard.value;
  const camera = useComputed(() => store.state.value.devices.camera.is === 'on').value;
  const [mute, picture] = [
    say(voice ? 'call.mute' : 'call.unmute'),
    say(camera ? 'call.camera.off' : 'call.camera.on'),
  ];
  return (
    <main class="floating">
      {store.tiles.value.has(tile) ? <RemoteTile key={tile} id={tile} /> : <OwnTile />}
      <div class="floating-tools">
        <Tool
          icon={voice ? 'microphone' : 'microphone-off'}
          label={mute}
          caption={mute}
          off={!voice}
          onClick={() => call.toggleMuted()}
        />
        <Tool
          icon={camera ? 'camera' : 'camera-off'}
          label={picture}
          caption={picture}
          off={!camera}
          onClick={() => call.toggleCamera()}
        />
      </div>
    </main>
  );
}

async function floatPicture(call: Call): Promise<void> {
  const item =
    document.querySelector<HTMLElement>('.stage .is-large') ?? document.querySelector<HTMLElement>('.stage-item');
  const picture = item?.querySelector<HTMLVideoElement>('.picture');
  if (picture === undefined || picture === null) throw new Error('there is no picture');
  picture.disablePictureInPicture = false;
  await picture.requestPictureInPicture();
  call.floating.value = item?.dataset.tile ?? null;
  const closed = () => {
    call.floating.value = null;
  };
  picture.addEventListener('leavepictureinpicture', closed, { once: true });
}
