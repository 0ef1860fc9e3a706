/** Plays each remote source out as plain RTP, byte for byte as it came, to a port of its own. */
import { endpointText } from '../../infra/path/addresses.ts';
import { formatCodec } from '../../infra/rtp/codec.ts';
import { readSsrc } from '../../infra/rtp/header.ts';
import type { PeerId } from '../../machines/messages.ts';
import { type RemoteSource, type Sink, SinkError, type SinkNews } from './contract.ts';
import type { Outlet } from './outlet.ts';
import type { Ports } from './ports.ts';
import type { SdpFolder } from './sdp-folder.ts';

/** RTCP packet type of a sender report (RFC 3550 section 6.4.1), and the bytes up to the end of its SSRC. */
const SENDER_REPORT = 200;
const REPORT_HEAD_BYTES = 8;

interface Playing {
  readonly source: RemoteSource;
  readonly outlet: Outlet;
  readonly sdp: string;
}

export class RtpSink implements Sink {
  readonly #ports: Ports;
  readonly #folder: SdpFolder;
  readonly #onNews: (news: SinkNews) => void;
  readonly #playing = new Map<PeerId, Playing>();
  #outlets: ReadonlyMap<number, Outlet> = new Map();
  #wanted: readonly RemoteSource[] = [];
  #work = Promise.resolve();
  #closed = false;
  #failedBefore = 0;

  constructor(ports: Ports, folder: SdpFolder, onNews: (news: SinkNews) => void) {
    this.#ports = ports;
    this.#folder = folder;
    this.#onNews = onNews;
  }

  get failedSends(): number {
    return [...this.#playing.values()].reduce((sum, { outlet }) => sum + outlet.failedSends, this.#failedBefore);
  }

  setSources(sources: readonly RemoteSource[]): void {
    if (this.#closed) return;
    this.#wanted = sources;
    this.#work = this.#work.then(() => this.#follow());
  }

  deliver(packet: Uint8Array): void {
    this.#outlets.get(readSsrc(packet))?.send(packet);
  }

  report(rtcp: Uint8Array): void {
    if (rtcp.length < REPORT_HEAD_BYTES || rtcp[1] !== SENDER_REPORT) return;
    const ssrc = new DataView(rtcp.buffer, rtcp.byteOffset).getUint32(4);
    this.#outlets.get(ssrc)?.sendReport(rtcp);
  }

  settled(): Promise<void> {
    return this.#work;
  }

  close(): Promise<void> {
    this.setSources([]);
    this.#closed = true;
    return this.#work;
  }

  /** Brings what plays in line with what is wanted now. Runs one at a time. */
  async #follow(): Promise<void> {
    const wanted = new Map(this.#wanted.map((source) => [source.peer, source]));
    for (const [peer, playing] of this.#playing) if (!wanted.has(peer)) await this.#stop(peer, playing);
    for (const source of wanted.values()) {
      const playing = this.#playing.get(source.peer);
      if (playing === undefined || !sameFormat(playing.source, source)) await this.#start(source, playing?.outlet);
      else this.#playing.set(source.peer, { ...playing, source });
    }
    this.#connect();
  }

  /** Lets packets find their outlets. Before an outlet is closed they must not find it any more. */
  #connect(): void {
    this.#outlets = new Map([...this.#playing.values()].map(({ source, outlet }) => [source.ssrc, outlet]));
  }

  /** Opens a source's port, or keeps the one it has, and writes its file. */
  async #start(source: RemoteSource, known?: Outlet): Promise<void> {
    const { peer, media, codec, payloadType } = source;
    let outlet = known;
    try {
      outlet ??= await this.#ports.open();
      const sdp = await this.#folder.write({ name: peer, ...outlet.to, media, codec, payloadType });
      this.#playing.set(peer, { source, outlet, sdp });
      this.#onNews({ type: 'sink.opened', peer, to: endpointText(outlet.to), sdp });
    } catch (error) {
      this.#playing.delete(peer);
      this.#connect();
      if (outlet !== undefined) await this.#ports.close(outlet);
      this.#fail(peer, error);
    }
  }

  async #stop(peer: PeerId, { outlet, sdp }: Playing): Promise<void> {
    this.#playing.delete(peer);
    this.#connect();
    this.#failedBefore += outlet.failedSends;
    await this.#ports.close(outlet);
    try {
      await this.#folder.remove(sdp);
      this.#onNews({ type: 'sink.closed', peer });
    } catch (error) {
      this.#fail(peer, error);
    }
  }

  /** One source that cannot be played must not end the others. */
  #fail(peer: PeerId, error: unknown): void {
    if (!(error instanceof SinkError)) throw error;
    this.#onNews({ type: 'sink.failed', peer, code: error.code, reason: error.message });
  }
}

/** Whether the file of one opens the other. */
function sameFormat(a: RemoteSource, b: RemoteSource): boolean {
  return a.media === b.media && a.payloadType === b.payloadType && formatCodec(a.codec) === formatCodec(b.codec);
}
