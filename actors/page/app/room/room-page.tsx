/** The page of a room that is watched: the picture with its table, the time line, and below it messages and charts. */
import { useCallback, useState } from 'preact/hooks';
import type { FromPage } from '../../../watch/page-messages.ts';
import type { LaidOutChart } from '../picture/charts/layout.ts';
import layouts from '../picture/charts/layouts.json';
import { Machines } from '../picture/charts/machines.tsx';
import { Legend, PeerTable } from '../picture/peer-table.tsx';
import { RoomPictureView } from '../picture/room-picture.tsx';
import { Sequence } from '../picture/sequence.tsx';
import type { Texts } from '../picture/text/texts.ts';
import { TimeLine } from '../picture/time-line.tsx';
import { PlaybackBar } from './playback-bar.tsx';
import type { Store } from './store.ts';
import { Tabs } from './tabs.tsx';

const charts = layouts as readonly LaidOutChart[];

interface Props {
  readonly store: Store;
  readonly texts: Texts;
  readonly send: (message: FromPage) => void;
}

export function RoomPage({ store, texts, send }: Props) {
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

function Head({ store, texts }: Omit<Props, 'send'>) {
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

function Picture({ store, texts }: Omit<Props, 'send'>) {
  const { picture, colours, selected } = store;
  const onSelect = useCallback(
    (peer: string | null) => {
      selected.value = peer;
    },
    [selected],
  );
  const shared = { picture: picture.value, selected: selected.value, colours, texts, onSelect };
  return (
    <section class="card picture" aria-labelledby="picture-title">
      <div class="title">
        <h2 id="picture-title">{texts.picture}</h2>
        <Legend texts={texts} />
      </div>
      <div class="beside">
        <RoomPictureView {...shared} />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys. */}
        {/* biome-ignore lint/a11y/useSemanticElements: a part of a section that scrolls. */}
        <div class="table-scroll" tabIndex={0} role="region" aria-label={texts.picture}>
          <PeerTable {...shared} />
        </div>
      </div>
    </section>
  );
}

function History({ store, texts, send }: Props) {
  const { events, span, atMs, colours, recorded } = store;
  const onSeek = useCallback((to: number) => send({ type: 'seek', atMs: to }), [send]);
  return (
    <section class="card" aria-labelledby="history-title">
      <h2 id="history-title">{texts.timeline}</h2>
      <TimeLine
        {...{ colours, texts }}
        events={events.value}
        span={span.value}
        atMs={atMs.value}
        {...(recorded.value !== null && { onSeek })}
      />
    </section>
  );
}

function Inside({ store, texts, send }: Props) {
  const [tab, setTab] = useState<'messages' | 'charts'>('messages');
  const { lines, colours, selected, telling, looked, machines, context } = store;
  const onLook = useCallback(
    (peer: string) => {
      looked.value = peer;
      machines.value = new Map();
      send({ type: 'look', peer });
    },
    [looked, machines, send],
  );
  const peer = looked.value;
  return (
    <section class="card">
      <Tabs tabs={{ messages: texts.messages, charts: texts.charts }} chosen={tab} onChoose={setTab}>
        {tab === 'messages' ? (
          <Sequence {...{ colours, texts }} lines={lines.value} selected={selected.value} />
        ) : (
          <Machines
            {...{ charts, peer, texts, onLook }}
            telling={telling.value}
            machines={[...machines.value.values()]}
            context={context.value?.peer === peer ? context.value : undefined}
            onAskContext={(machine) => {
              if (peer !== null) send({ type: 'context', peer, machine });
            }}
          />
        )}
      </Tabs>
    </section>
  );
}
