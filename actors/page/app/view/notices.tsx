/** What the person has to know now, above the tiles, with what can be done about it. */
import { TRIES_UNTIL_DOUBT } from '../link/backoff.ts';
import type { TextKey } from '../text/text.ts';
import { IconButton } from './buttons.tsx';
import { useCall, useSay } from './context.ts';
import { DeviceNotices } from './device-notice.tsx';
import { Notice } from './notice.tsx';
import { DownlinkNotice, OverratedNotice } from './own-line.tsx';

export function Notices() {
  return (
    <div class="notices" aria-live="polite">
      <LinkNotice />
      <SoundNotice />
      <MutedNotice />
      <SaverNotice />
      <OverratedNotice />
      <DownlinkNotice />
      <DeviceNotices />
      <Complaint />
    </div>
  );
}

/** The peer on this machine is gone, or its room is. */
export function LinkNotice() {
  const { state } = useCall().store;
  const say = useSay();
  const { link, room } = state.value;
  if (!link.up) {
    return (
      <Notice icon="link" look="warning">
        <p>{say(link.failures >= TRIES_UNTIL_DOUBT ? 'app.gone.long' : 'app.gone')}</p>
      </Notice>
    );
  }
  if (room?.self.bus !== 'lost') return null;
  return (
    <Notice icon="link" look="warning">
      <p>{say('app.bus-lost')}</p>
    </Notice>
  );
}

function SoundNotice() {
  const { playout, levels } = useCall();
  const say = useSay();
  if (!playout.blocked.value) return null;
  const start = () => {
    playout.unblock();
    levels.resume();
  };
  return (
    <Notice icon="speaker" look="warning">
      <p>{say('call.sound-blocked')}</p>
      <button type="button" class="button is-small is-primary" onClick={start}>
        {say('call.sound-start')}
      </button>
    </Notice>
  );
}

function MutedNotice() {
  const { store, levels } = useCall();
  const say = useSay();
  if (store.state.value.talking) {
    return (
      <Notice icon="microphone" look="calm">
        <p>{say('call.talking')}</p>
      </Notice>
    );
  }
  if (!levels.mutedTalk.value) return null;
  return (
    <Notice icon="microphone-off" look="warning">
      <p>
        <strong>{say('call.muted')}</strong>
        <span>{say('call.muted.how')}</span>
      </p>
    </Notice>
  );
}

function SaverNotice() {
  const call = useCall();
  const say = useSay();
  if (!call.store.state.value.saver) return null;
  return (
    <Notice icon="saver" look="calm">
      <p>{say('call.saver.on')}</p>
      <button type="button" class="button is-small" onClick={() => call.setSaver(false)}>
        {say('call.saver.off')}
      </button>
    </Notice>
  );
}

/** Texts of the page for the peer's codes; for any other code the peer's own words are shown. */
const CODES: Readonly<Record<string, TextKey>> = {
  'ended.refused': 'ended.refused',
  'ended.failed': 'ended.failed',
  'ended.replaced': 'ended.replaced',
  'screen.refused': 'call.screen.refused',
  'pip.none': 'call.pip.none',
};

export function Complaint() {
  const { store } = useCall();
  const say = useSay();
  const { complaint } = store.state.value;
  // What is about a field stands beside the field.
  if (complaint === null || complaint.field in FIELDS) return null;
  const title = CODES[complaint.code] ?? 'error.title';
  return (
    <div role="alert">
      <Notice icon="warning" look="warning">
        <p>
          <strong>{say(title)}</strong>
          <span>{complaint.text}</span>
        </p>
        <IconButton icon="close" label={say('call.close')} onClick={() => store.dispatch({ type: 'complaint.read' })} />
      </Notice>
    </div>
  );
}

const FIELDS: Readonly<Record<string, true>> = { name: true, room: true, invite: true, upload: true };
