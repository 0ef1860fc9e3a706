/** The picture as a table: each peer's upload as a bar and in words, and which ways its streams go. */
import { useMemo } from 'preact/hooks';
import type { PicturedPeer, RoomPicture } from '../../../room-picture/contract.ts';
import type { Colours } from './places.ts';
import { rateText } from './rate-text.ts';
import type { Texts } from './text/texts.ts';
import { relayedBy, type Ways, waysBySource } from './ways.ts';

interface Props {
  readonly picture: RoomPicture;
  readonly colours: Colours;
  readonly texts: Texts;
  readonly selected: string | null;
  readonly onSelect: (peer: string | null) => void;
}

const NO_WAYS: Ways = { direct: [], via: new Map() };

export function PeerTable({ picture, colours, texts, selected, onSelect }: Props) {
  const { peers, arrows } = picture;
  const ways = useMemo(() => waysBySource(arrows), [arrows]);
  const relays = useMemo(() => relayedBy(arrows), [arrows]);
  return (
    <table class="peer-table">
      <thead>
        <tr>
          <th scope="col">{texts.peer}</th>
          <th scope="col">{texts.upload}</th>
          <th scope="col">{texts.sends}</th>
        </tr>
      </thead>
      <tbody>
        {peers.map((peer) => (
          <tr key={peer.id} class={selected === peer.id ? 'selected' : ''} style={{ '--hue': colours.hueOf(peer.id) }}>
            <th scope="row">
              <button
                type="button"
                class="person"
                aria-pressed={selected === peer.id}
                onClick={() => onSelect(selected === peer.id ? null : peer.id)}
              >
                <span class="dot" aria-hidden="true" />
                <span class="name">{peer.name}</span>
                {peer.name !== peer.id && <span class="id">{peer.id}</span>}
              </button>
              <Remarks {...{ peer, texts }} clients={relays.get(peer.id) ?? []} />
            </th>
            <td>
              <Upload {...{ peer, texts }} />
            </td>
            <td class="ways">{waysText(ways.get(peer.id) ?? NO_WAYS, peers.length - 1, texts)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Remarks({
  peer,
  clients,
  texts,
}: {
  readonly peer: PicturedPeer;
  readonly clients: readonly string[];
  readonly texts: Texts;
}) {
  return (
    <>
      {clients.length > 0 && <span class="tag relay">{texts.relaysFor(clients.join(', '))}</span>}
      {peer.leaving && <span class="tag">{texts.leaving}</span>}
      {!peer.compatible && <span class="tag">{texts.plain}</span>}
    </>
  );
}

function Upload({ peer, texts }: { readonly peer: PicturedPeer; readonly texts: Texts }) {
  const { compatible, uploadBps, ownBps, lentBps, freeBps } = peer;
  if (!compatible) return null;
  const all = Math.max(uploadBps, ownBps + lentBps, 1);
  const rate = (bps: number) => rateText(bps, texts.language);
  const width = (bps: number) => ({ width: `${((100 * bps) / all).toFixed(2)}%` });
  return (
    <>
      <div class="upload-bar" aria-hidden="true">
        <span class="own" style={width(ownBps)} />
        <span class="lent" style={width(lentBps)} />
      </div>
      <span class="upload-text">{texts.uploadOf(rate(ownBps), rate(lentBps), rate(freeBps), rate(uploadBps))}</span>
    </>
  );
}

/** @param others how many there are to send to */
function waysText({ direct, via }: Ways, others: number, texts: Texts): string {
  const named = (receivers: readonly string[]) =>
    receivers.length === others && others > 1 ? texts.allOthers : receivers.join(', ');
  const parts = [
    ...(direct.length > 0 ? [texts.to(named(direct))] : []),
    ...[...via].map(([relay, receivers]) => texts.via(relay, named(receivers))),
  ];
  return parts.length === 0 ? texts.sendsNothing : parts.join('; ');
}

/** What colours and lines mean. */
export function Legend({ texts }: { readonly texts: Texts }) {
  return (
    <ul class="legend">
      <li>
        <span class="swatch own" aria-hidden="true" />
        {texts.own}
      </li>
      <li>
        <span class="swatch lent" aria-hidden="true" />
        {texts.lent}
      </li>
      <li>
        <span class="swatch free" aria-hidden="true" />
        {texts.free}
      </li>
      {(['direct', 'to-relay', 'relayed'] as const).map((kind) => (
        <li key={kind}>
          <svg class="sample" viewBox="0 0 34 10" aria-hidden="true">
            <g class={`arrow ${kind}`}>
              <path class="line" d="M1 5H32" stroke-width="2.5" />
            </g>
          </svg>
          {kind === 'to-relay' ? texts.toRelay : texts[kind]}
        </li>
      ))}
    </ul>
  );
}
