/** What goes on besides in a case, done on the lab's computers by nftables (nft(8)), a second queue, or a program of another's. */
import type { Host } from '../../network/parts/host.ts';
import { LAN_DEVICE } from '../../network/parts/lan.ts';
import type { Nat } from '../../network/parts/nat.ts';
import type { Conditions } from '../../network/wire/delay-line.ts';

const LOST_PCT = 5;
const LOST_FEEDBACK_PCT = 20;
/** Of the leg whose own last hop is full, in kbit/s: a tenth of the line. */
const NARROW_KBIT = 500;
/** How far delays are apart with jitter, and how often they change, in ms. */
const JITTER_MS = 15;
const JITTERS_EVERY_MS = 20;
/** RTCP's transport feedback (RFC 4585 section 6.1): the second byte of what UDP carries. */
const RTPFB = 205;
const PAYLOAD_TYPE_BITS = '@th,72,8';

/** Packets of UDP that come to a computer get lost, these per cent of them. @param match of which */
export function loseIncoming(host: Pick<Host, 'run'>, pct: number, match = ''): Promise<string> {
  const rule = `meta l4proto udp ${match} numgen random mod 100 < ${pct} drop`;
  return host.run(
    'nft add table inet lossy',
    `nft 'add chain inet lossy incoming { type filter hook input priority 0; }'`,
    `nft 'add rule inet lossy incoming ${rule}'`,
  );
}

export const loseMedia = (host: Host): Promise<string> => loseIncoming(host, LOST_PCT);

/** What tells the sender of arrivals gets lost. */
export const loseFeedback = (host: Host): Promise<string> =>
  loseIncoming(host, LOST_FEEDBACK_PCT, `${PAYLOAD_TYPE_BITS} ${RTPFB}`);

/** The LAN behind a receiver's router is slow. */
export function narrow(router: Nat): Promise<string> {
  return router.run(`tc qdisc add dev ${LAN_DEVICE} root tbf rate ${NARROW_KBIT}kbit burst 8kb latency 200ms`);
}

/** From now on the delay to a computer is another every few ms; packets stay in order. */
export function jitter(host: Host, { delayMs, loss }: Conditions, random: () => number): AsyncDisposable {
  const timer = setInterval(() => {
    void host.wire.change({ delayMs: delayMs + JITTER_MS * random(), loss });
  }, JITTERS_EVERY_MS);
  return { [Symbol.asyncDispose]: async () => clearInterval(timer) };
}

/** Another computer of the home sends as much by TCP as it can, from now until the lab ends. */
export async function upload(from: Host, to: Host, seconds: number): Promise<void> {
  to.spawn(['iperf3', '-s', '-1']);
  await to.run('for i in $(seq 100); do ss -ltn | grep -q :5201 && exit 0; sleep 0.05; done; exit 1');
  from.spawn(['iperf3', '-c', to.ipv4, '-t', String(seconds), '-C', 'cubic']);
}

/** Where a program of the sender's computer sends its pictures. */
const PROGRAM_PORT = 5004;

/** Options of a peer whose pictures a program makes. @param rates what is told of their bit rate */
export function programSource(rates: string): string[] {
  return ['--source', `rtp:${PROGRAM_PORT},codec=MPV/90000,payload-type=32,bitrate=${rates}`];
}

/** ffmpeg sends pictures at this rate, in bit/s, whatever becomes of them: MPEG-2 fills up what they do not need. */
export function steadyProgram(host: Host, bps: number): AsyncDisposable {
  const rate = String(Math.round(bps));
  const rates = ['-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', rate];
  const from = ['-re', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30'];
  const to = ['-f', 'rtp', `rtp://127.0.0.1:${PROGRAM_PORT}?pkt_size=1200`];
  return host.spawn(['ffmpeg', '-loglevel', 'error', ...from, '-c:v', 'mpeg2video', ...rates, ...to]);
}
