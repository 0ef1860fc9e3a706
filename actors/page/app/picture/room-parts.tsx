/** The parts of a room's picture, each drawn from what the page knows: for the page of a watched room, and for a call's panel. */
import { useCallback } from 'preact/hooks';
import type { FromPage } from '../../../watch/page-messages.ts';
import type { LaidOutChart } from './charts/layout.ts';
import layouts from './charts/layouts.json';
import { Machines } from './charts/machines.tsx';
import { Legend, PeerTable } from './peer-table.tsx';
import { RoomPictureView } from './room-picture.tsx';
import { Sequence } from './sequence.tsx';
import type { Store } from './store.ts';
import type { Texts } from './text/texts.ts';
import { TimeLine } from './time-line.tsx';

const charts = layouts as readonly LaidOutChart[];

export interface PartProps {
  readonly store: Store;
  readonly texts: Texts;
  readonly send: (message: FromPage) => void;
}

/** Beside the legend, the drawing and the table. */
export function RoomDrawing({ store, texts }: Omit<PartProps, 'send'>) {
  const { picture, colours, selected } = store;
  const onSelect = useCallback(
    (peer: string | null) => {
      selected.value = peer;
    },
    [selected],
  );
  const shared = { picture: picture.value, selected: selected.value, colours, texts, onSelect };
  return (
    <>
      <Legend texts={texts} />
      <div class="beside">
        <RoomPictureView {...shared} />
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys. */}
        {/* biome-ignore lint/a11y/useSemanticElements: a part of a section that scrolls. */}
        <div class="table-scroll" tabIndex={0} role="region" aria-label={texts.picture}>
          <PeerTable {...shared} />
        </div>
      </div>
    </>
  );
}

export function RoomHistory({ store, texts, send }: PartProps) {
  const { events, span, atMs, colours, recorded } = store;
  const onSeek = useCallback((to: number) => send({ type: 'seek', atMs: to }), [send]);
  return (
    <TimeLine
      {...{ colours, texts }}
      events={events.value}
      span={span.value}
      atMs={atMs.value}
      {...(recorded.value !== null && { onSeek })}
    />
  );
}

export function RoomMessages({ store: { colours, lines, selected }, texts }: Omit<PartProps, 'send'>) {
  return <Sequence {...{ colours, texts }} lines={lines.value} selected={selected.value} />;
}

export function RoomMachines({ store, texts, send }: PartProps) {
  const { telling, looked, machines, context } = store;
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
    <Machines
      {...{ charts, peer, texts, onLook }}
      telling={telling.value}
      machines={[...machines.value.values()]}
      context={context.value?.peer === peer ? context.value : undefined}
      onAskContext={(machine) => {
        if (peer !== null) send({ type: 'context', peer, machine });
      }}
    />
  );
}
