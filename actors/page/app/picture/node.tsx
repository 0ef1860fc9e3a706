/** One peer of a picture: its upload as a ring (own streams, lent, free), and a halo where it relays. */
import type { PicturedPeer } from '../../../room-picture/contract.ts';
import type { Place } from './places.ts';
import { rateText } from './rate-text.ts';
import { arcOf } from './ring.ts';
import type { Texts } from './text/texts.ts';

interface Props {
  readonly peer: PicturedPeer;
  readonly place: Place;
  readonly radius: number;
  readonly hue: number;
  readonly texts: Texts;
  /** For whom it relays. */
  readonly clients: readonly string[];
  /** There is space for a second line. */
  readonly wordy: boolean;
  readonly selected: boolean;
  readonly dimmed: boolean;
  readonly onSelect: () => void;
}

export function Node({ peer, place, radius, hue, texts, clients, wordy, selected, dimmed, onSelect }: Props) {
  const { uploadBps, ownBps, lentBps } = peer;
  const all = Math.max(uploadBps, ownBps + lentBps, 1);
  const own = ownBps / all;
  const lent = (ownBps + lentBps) / all;
  const isRelay = clients.length > 0;
  const state = `${isRelay ? ' relay' : ''}${selected ? ' selected' : ''}${dimmed ? ' dim' : ''}${peer.leaving ? ' leaving' : ''}`;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    onSelect();
  };
  return (
    <g
      class={`node${state}`}
      style={{ '--hue': hue, transform: `translate(${place.x.toFixed(1)}px, ${place.y.toFixed(1)}px)` }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: there are no buttons in a drawing. */}
      <g
        class="knob"
        role="button"
        tabindex={0}
        aria-pressed={selected}
        aria-label={[peer.name, uploadText(peer, texts), ...remarksOf(peer, clients, texts)].join(', ')}
        onClick={onSelect}
        onKeyDown={onKeyDown}
      >
        <circle class="focus" r={radius + 13} />
        {isRelay && <circle class="halo" r={radius + 8} />}
        <circle class="body" r={radius} />
        <circle class="track" r={radius} />
        <path class="own" d={arcOf(radius, 0, own)} />
        <path class="lent" d={arcOf(radius, own, lent)} />
      </g>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus; the button says the same. */}
      <g class="texts" aria-hidden="true">
        <text class="initials" style={{ 'font-size': `${Math.round(radius * 0.72)}px` }} dy="0.35em">
          {initialsOf(peer.name)}
        </text>
        <Label {...{ peer, place, radius, texts, clients, wordy }} />
      </g>
    </g>
  );
}

function Label({
  peer,
  place,
  radius,
  texts,
  clients,
  wordy,
}: Pick<Props, 'peer' | 'place' | 'radius' | 'texts' | 'clients' | 'wordy'>) {
  const { x, y, anchor } = labelAt(place.angle, radius, wordy ? 2 : 1);
  const { language } = texts;
  const used = rateText(peer.ownBps + peer.lentBps, language);
  const isNamed = peer.name.length > INITIALS || wordy;
  return (
    <text class="label" x={x} y={y} text-anchor={anchor}>
      {isNamed && <tspan class="name">{short(peer.name)}</tspan>}
      {wordy && (
        <tspan class="used" x={x} dy={LINE}>
          {peer.compatible ? `${used} / ${rateText(peer.uploadBps, language)}` : texts.plain}
        </tspan>
      )}
      {wordy && clients.length > 0 && (
        <tspan class="role" x={x} dy={LINE}>
          {texts.relaysFor(shortList(clients))}
        </tspan>
      )}
    </text>
  );
}

const LINE = 15;
const INITIALS = 3;
/** As many letters as there is space for; the whole name is in the table, and in what a screen reader says. */
const LONGEST = 14;
const MOST_NAMED = 3;

function initialsOf(name: string): string {
  return name.length <= INITIALS ? name : name.slice(0, 2);
}

function short(name: string): string {
  return name.length <= LONGEST ? name : `${name.slice(0, LONGEST - 1)}…`;
}

function shortList(names: readonly string[]): string {
  const rest = names.length - MOST_NAMED;
  return rest > 0 ? `${names.slice(0, MOST_NAMED).join(', ')} +${rest}` : names.join(', ');
}

/** Outside of the circle, where no arrow comes. */
function labelAt(angle: number, radius: number, lines: number) {
  const [across, down] = [Math.cos(angle), Math.sin(angle)];
  const gap = radius + 15;
  if (down < -0.8) return { x: 0, y: -gap - 2 - (lines - 1) * LINE, anchor: 'middle' } as const;
  // Without a second line there may be no place beside it either.
  if (down > 0.8 || lines === 1) return { x: 0, y: gap + 10, anchor: 'middle' } as const;
  const anchor = across > 0 ? 'start' : 'end';
  return { x: Math.sign(across) * gap, y: down * radius * 0.6 + (lines > 1 ? -4 : 4), anchor } as const;
}

function uploadText({ compatible, uploadBps, ownBps, lentBps, freeBps }: PicturedPeer, texts: Texts): string {
  if (!compatible) return texts.plain;
  const rate = (bps: number) => rateText(bps, texts.language);
  return texts.uploadOf(rate(ownBps), rate(lentBps), rate(freeBps), rate(uploadBps));
}

function remarksOf({ leaving }: PicturedPeer, clients: readonly string[], texts: Texts): string[] {
  return [...(clients.length > 0 ? [texts.relaysFor(clients.join(', '))] : []), ...(leaving ? [texts.leaving] : [])];
}
