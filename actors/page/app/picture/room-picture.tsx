/** A room as a picture: peers round a circle, each with its upload as a ring, and who carries whose packets as arrows. */
import { useMemo, useRef } from 'preact/hooks';
import type { RoomPicture } from '../../../room-picture/contract.ts';
import { Arrows } from './arrows.tsx';
import { flowsOf } from './flows.ts';
import { Node } from './node.tsx';
import { type Colours, isWordy, nodeRadius, placesOf } from './places.ts';
import { useSize } from './size.ts';
import type { Texts } from './text/texts.ts';
import { relayedBy } from './ways.ts';

interface Props {
  readonly picture: RoomPicture;
  readonly colours: Colours;
  readonly texts: Texts;
  /** Whose streams stand out; null: nobody's. */
  readonly selected: string | null;
  readonly onSelect: (peer: string | null) => void;
}

const FIRST_SIZE = { width: 800, height: 560 };

export function RoomPictureView({ picture, colours, texts, selected, onSelect }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const size = useSize(frame, FIRST_SIZE);
  const { peers, arrows, omitted } = picture;
  const order = peers.map(({ id }) => id).join(' ');
  const places = useMemo(() => placesOf(order === '' ? [] : order.split(' '), size), [order, size]);
  const radius = nodeRadius(peers.length, size);
  const flows = useMemo(() => flowsOf(arrows), [arrows]);
  const relays = useMemo(() => relayedBy(arrows), [arrows]);
  const nodes = useRef<SVGSVGElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') onSelect(null);
    const step = STEPS[event.key];
    if (step === undefined || peers.length === 0) return;
    event.preventDefault();
    const all = [...(nodes.current?.querySelectorAll<SVGElement>('.knob') ?? [])];
    const at = all.indexOf(document.activeElement as SVGElement);
    all[(at + step + all.length) % all.length]?.focus();
  };
  return (
    <div class="room-picture" ref={frame}>
      {/* biome-ignore lint/a11y/useSemanticElements: a drawing has no fieldset. */}
      <svg
        ref={nodes}
        role="group"
        aria-label={`${texts.picture}. ${texts.pictureOf(peers.length, flows.length, relays.size)}`}
        viewBox={`0 0 ${size.width} ${size.height}`}
        onKeyDown={onKeyDown}
      >
        <Arrows {...{ flows, places, radius, colours, texts, selected }} count={peers.length} />
        {peers.map((peer) => {
          const place = places.get(peer.id);
          if (place === undefined) return null;
          return (
            <Node
              key={peer.id}
              {...{ peer, place, radius, texts }}
              hue={colours.hueOf(peer.id)}
              clients={relays.get(peer.id) ?? []}
              wordy={isWordy(peers.length, size)}
              dimmed={selected !== null && selected !== peer.id}
              selected={selected === peer.id}
              onSelect={() => onSelect(selected === peer.id ? null : peer.id)}
            />
          );
        })}
      </svg>
      {peers.length === 0 && <p class="empty">{texts.empty}</p>}
      {omitted > 0 && <p class="omitted">{texts.tooMany(omitted)}</p>}
    </div>
  );
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
