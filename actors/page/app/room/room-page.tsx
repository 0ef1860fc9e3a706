/** The page of a room that is watched: the picture with its table, the time line, and below it messages and charts. */
import { useState } from 'preact/hooks';
import { type PartProps, RoomDrawing, RoomHistory, RoomMachines, RoomMessages } from '../picture/room-parts.tsx';
import { Tabs } from '../picture/tabs.tsx';
import { PlaybackBar } from './playback-bar.tsx';

export function RoomPage({ store, texts, send }: PartProps) {
  return (
    <>
      <Head {...{ store, texts }} />
      <main>
        <PlaybackBar {...{ store, texts, send }} />
        <Picture {...{ store, texts }} />
        <History {...{ store, texts, send }} />
        <Inside {...{ store, texts, send }} />
      </main>
    </>
  );
}

function Head({ store, texts }: Omit<PartProps, 'send'>) {
  const { state, room, recorded, busAway, picture } = store;
  return (
    <header>
      <h1>{room.value === '' ? texts.connecting : texts.room(room.value)}</h1>
      {room.value !== '' && (
        <>
          <span class={recorded.value === null ? 'tag live' : 'tag'}>
            {recorded.value === null ? texts.live : texts.recorded}
          </span>
          <span class="count">{texts.peers(picture.value.peers.length)}</span>
        </>
      )}
      <p class="notice" role="status">
        {state.value === 'gone' ? texts.gone : busAway.value ? texts.busAway : ''}
      </p>
    </header>
  );
}

function Picture({ store, texts }: Omit<PartProps, 'send'>) {
  return (
    <section class="card picture" aria-labelledby="picture-title">
      <h2 id="picture-title">{texts.picture}</h2>
      <RoomDrawing {...{ store, texts }} />
    </section>
  );
}

function History(props: PartProps) {
  return (
    <section class="card" aria-labelledby="history-title">
      <h2 id="history-title">{props.texts.timeline}</h2>
      <RoomHistory {...props} />
    </section>
  );
}

function Inside(props: PartProps) {
  const [tab, setTab] = useState<'messages' | 'charts'>('messages');
  const { texts } = props;
  return (
    <section class="card">
      <Tabs tabs={{ messages: texts.messages, charts: texts.charts }} chosen={tab} onChoose={setTab}>
        {tab === 'messages' ? <RoomMessages {...props} /> : <RoomMachines {...props} />}
      </Tabs>
    </section>
  );
}
