/** Plays each remote stream out as plain RTP to a port of its own, with a file for each peer that opens all of its streams. */
import { endpointText, LOOPBACK_HOST } from '../../infra/path/table/addresses.ts';
import { withoutBlocks } from '../../infra/rtcp/reception-report.ts';
import { readSsrc } from '../../infra/rtp/header.ts';
import type { PeerId } from '../../machines/messages.ts';
import { type OnPlayerRtcp, type RemoteStream, type Sink, SinkError, type SinkNews } from './contract.ts';
import { KeptPlaces, type Place } from './kept-places.ts';
import type { Outlet } from './outlet.ts';
import { Playback } from './playback.ts';
import { PlayerRtcp, PlayerRtcpCount, type PlayerRtcpCounters } from './player-rtcp.ts';
import type { Ports } from './ports.ts';
import type { FolderSession, SdpFolder } from './sdp-folder.ts';
import { type Section, sameFormat, sectionsOf } from './sections.ts';
import { ShownStream } from './shown-stream.ts';

/** RTCP packet type of a sender report (RFC 3550 section 6.4.1), and its bytes without report blocks. */
const SENDER_REPORT = 200;
const REPORT_BYTES = 28;

/** What is played of one peer, by the sections' keys, in the order of its file. */
type Playing = ReadonlyMap<string, Playback>;

export interface RtpSinkOptions {
  readonly ports: Ports;
  readonly folder: SdpFolder;
  readonly onNews: (news: SinkNews) => void;
  readonly onPlayerRtcp: OnPlayerRtcp;
}

export class RtpSink implements Sink {
  readonly #ports: Ports;
  readonly #folder: SdpFolder;
  readonly #onNews: (news: SinkNews) => void;
  readonly #onPlayerRtcp: OnPlayerRtcp;
  readonly #playerRtcp = new PlayerRtcpCount();
  readonly #kept = new KeptPlaces();
  readonly #playing = new Map<PeerId, Playing>();
  #bySsrc: ReadonlyMap<number, Playback> = new Map();
  #wanted: readonly RemoteStream[] = [];
  #work = Promise.resolve();
  #closed = false;
  #failedBefore = 0;

  constructor({ ports, folder, onNews, onPlayerRtcp }: RtpSinkOptions) {
    this.#ports = ports;
    this.#folder = folder;
    this.#onNews = onNews;
    this.#onPlayerRtcp = onPlayerRtcp;
  }

  get failedSends(): number {
    return [...this.#playbacks()].reduce((sum, { outlet }) => sum + outlet.failedSends, this.#failedBefore);
  }

  get playerRtcp(): PlayerRtcpCounters {
    return { ...this.#playerRtcp };
  }

  setStreams(streams: readonly RemoteStream[]): void {
    if (this.#closed) return;
    this.#wanted = streams;
    this.#work = this.#work.then(() => this.#follow());
  }

  deliver(packet: Uint8Array): void {
    this.#bySsrc.get(readSsrc(packet))?.deliver(packet, performance.now());
  }

  report(rtcp: Uint8Array, cname: string): void {
    if (rtcp.length < REPORT_BYTES || rtcp[1] !== SENDER_REPORT) return;
    const ssrc = new DataView(rtcp.buffer, rtcp.byteOffset).getUint32(4);
    this.#bySsrc.get(ssrc)?.report(withoutBlocks(rtcp), cname);
  }

  settled(): Promise<void> {
    return this.#work;
  }

  close(): Promise<void> {
    this.setStreams([]);
    this.#closed = true;
    return this.#work;
  }

  *#playbacks(): Generator<Playback> {
    for (const playing of this.#playing.values()) yield* playing.values();
  }

  /** Brings what plays in line with what is wanted now. Runs one at a time. */
  async #follow(): Promise<void> {
    const wanted = byPeer(this.#wanted);
    for (const [peer, playing] of this.#playing) if (!wanted.has(peer)) await this.#stop(peer, playing);
    for (const [peer, streams] of wanted) await this.#play(peer, sectionsOf(streams));
    this.#connect();
  }

  /** Lets packets find where they are played. Before an outlet is closed they must not find it any more. */
  #connect(): void {
    const bySsrc = new Map<number, Playback>();
    for (const playback of this.#playbacks()) {
      for (const { ssrc } of playback.section.streams) bySsrc.set(ssrc, playback);
    }
    this.#bySsrc = bySsrc;
  }

  /** Keeps what goes on as it is, opens ports for what is new, and writes the file anew where it has something else to say. */
  async #play(peer: PeerId, sections: readonly Section[]): Promise<void> {
    const before: Playing = this.#playing.get(peer) ?? new Map();
    const after = new Map<string, Playback>();
    const fresh: Playback[] = [];
    for (const section of sections) {
      const known = before.get(section.key);
      const goesOn = known !== undefined && sameFormat(known.section.streams[0], section.streams[0]);
      if (goesOn) known.follow(section);
      const playback = goesOn ? known : await this.#begin(peer, section, known);
      if (playback === undefined) continue;
      after.set(section.key, playback);
      if (!goesOn) fresh.push(playback);
    }
    const gone = [...before].flatMap(([key, playback]) => (after.has(key) ? [] : [playback]));
    if (fresh.length === 0 && gone.length === 0) return;
    await this.#change(peer, after, gone);
    for (const { section } of gone) this.#onNews({ type: 'sink.closed', peer, stream: section.name });
    try {
      const sdp = await this.#folder.write(sessionOf(peer, after));
      for (const { section, outlet } of fresh) {
        this.#onNews({ type: 'sink.opened', peer, stream: section.name, to: endpointText(outlet.to), sdp });
      }
    } catch (error) {
      // Nobody can open what no file names; what an older file names goes on.
      for (const { section } of fresh) after.delete(section.key);
      await this.#change(peer, after, fresh);
      for (const { section } of fresh) this.#fail(peer, section, error);
    }
  }

  /** @param known what plays of the section in another format: the port stays */
  async #begin(peer: PeerId, section: Section, known?: Playback): Promise<Playback | undefined> {
    const place = known?.place ?? this.#kept.take(keyOf(peer, section));
    try {
      const outlet = known?.outlet ?? (await this.#open(place));
      return this.#playOn(outlet, section, place);
    } catch (error) {
      this.#fail(peer, section, error);
      return undefined;
    }
  }

  /** Where no port is left, those who have been gone for longest lose theirs. */
  async #open(place: Place | undefined): Promise<Outlet> {
    for (;;) {
      try {
        return await this.#ports.open(this.#kept.ports(), place?.port);
      } catch (error) {
        const isFull = error instanceof SinkError && error.code === 'sink.ports';
        if (!isFull || !this.#kept.forgetOldest()) throw error;
      }
    }
  }

  /** As the stream that was shown there before, as long as its timestamps count the same time. */
  #playOn(outlet: Outlet, section: Section, place: Place | undefined): Playback {
    const { clockRate } = section.streams[0].codec;
    const shown = place?.shown.clockRate === clockRate ? place.shown : new ShownStream(clockRate);
    const playback = new Playback(section, outlet, shown);
    const player = new PlayerRtcp(outlet.to.host, this.#playerRtcp);
    outlet.listen((datagram, host) => {
      if (!player.admit(datagram, host, performance.now())) return;
      const { peer, stream } = playback.translate(datagram);
      this.#onPlayerRtcp(peer, stream, datagram);
    });
    return playback;
  }

  async #stop(peer: PeerId, playing: Playing): Promise<void> {
    const gone = [...playing.values()];
    await this.#change(peer, new Map(), gone);
    try {
      await this.#folder.remove(peer);
      for (const { section } of gone) this.#onNews({ type: 'sink.closed', peer, stream: section.name });
    } catch (error) {
      for (const { section } of gone) this.#fail(peer, section, error);
    }
  }

  /** From now on this is played of the peer, and the ports of what is gone are free. */
  async #change(peer: PeerId, playing: Playing, gone: readonly Playback[]): Promise<void> {
    if (playing.size === 0) this.#playing.delete(peer);
    else this.#playing.set(peer, playing);
    this.#connect();
    for (const playback of gone) {
      const { section, place, outlet } = playback;
      // A member that goes may come again, and players end at a goodbye: they hear it when nothing more can come.
      if (this.#closed) await playback.end();
      this.#kept.keep(keyOf(peer, section), place);
      this.#failedBefore += outlet.failedSends;
      await this.#ports.close(outlet);
    }
  }

  /** One stream that cannot be played must not end the others. */
  #fail(peer: PeerId, { name }: Section, error: unknown): void {
    if (!(error instanceof SinkError)) throw error;
    this.#onNews({ type: 'sink.failed', peer, stream: name, code: error.code, reason: error.message });
  }
}

/** No id holds a space. */
function keyOf(peer: PeerId, { key }: Section): string {
  return `${peer} ${key}`;
}

function byPeer(streams: readonly RemoteStream[]): Map<PeerId, RemoteStream[]> {
  const peers = new Map<PeerId, RemoteStream[]>();
  for (const stream of streams) {
    const known = peers.get(stream.peer);
    if (known === undefined) peers.set(stream.peer, [stream]);
    else known.push(stream);
  }
  return peers;
}

function sessionOf(peer: PeerId, playing: Playing): FolderSession {
  const playbacks = [...playing.values()];
  const streams = playbacks.map(({ section, outlet }) => {
    const { media, codec, payloadType, fmtp } = section.streams[0];
    return { port: outlet.to.port, media, codec, payloadType, fmtp };
  });
  return { name: peer, host: playbacks[0]?.outlet.to.host ?? LOOPBACK_HOST, streams };
}
