/**
 * Congestion control feedback (RFC 8888 section 3.1): a receiver tells whoever sent it packets which of them have come, and when.
 *
 * ```
 * |V=2|P| FMT=11  |   PT=205      |          length               |
 * |                 SSRC of who reports                           |
 * |                 SSRC of a stream                              |  for each stream
 * |          begin_seq            |          num_reports          |
 * |R|ECN| arrival time offset     |R|ECN| arrival time offset     |  one each packet, padded to a whole word
 * |                 report timestamp                              |
 * ```
 *
 * The RFC says that a block is about `begin_seq` to `begin_seq + num_reports` inclusive, and also that a `num_reports` of 0 is about
 * nothing. Both cannot be; here, as in libwebrtc, `num_reports` is how many packets the block is about.
 */
import { packetsOf } from './compound.ts';
import { SHORT_UNITS_PER_SECOND } from './ntp.ts';

const VERSION_2 = 0x80;
const PADDING = 0x20;
const FORMAT_MASK = 0x1f;
const CONGESTION_FEEDBACK = 11;
const TRANSPORT_FEEDBACK = 205;

const HEAD_BYTES = 8;
const STREAM_HEAD_BYTES = 8;
const METRIC_BYTES = 2;
const TIMESTAMP_BYTES = 4;
const LEAST_BYTES = HEAD_BYTES + TIMESTAMP_BYTES;

const HAS_COME = 0x8000;
const OFFSET_MASK = 0x1fff;
const OFFSETS_PER_MS = 1.024;
/** What does not fit: more than 8189 units ago. */
const LONG_AGO = 0x1ffe;
/** Not known, or after the report's own time. */
const UNKNOWN = 0x1fff;

/** A quarter of the number space: what a report may say of one stream at most. */
const MOST_REPORTED = 16_384;
/** A report of ours fits into the smallest Ethernet frame that IPv6 and a tunnel leave. In bytes. */
const MOST_BYTES = 1200;

/** What became of a packet: how long before the report it came, in ms; `came`: nobody knows when; `missing`: not yet, or never. */
export type Arrival = number | 'came' | 'missing';

/** Packets of one stream, in the order of their numbers. */
export interface StreamArrivals {
  readonly ssrc: number;
  /** The 16-bit sequence number of the first. */
  readonly first: number;
  readonly arrivals: readonly Arrival[];
}

export interface ArrivalReport {
  readonly senderSsrc: number;
  /** When it was written, by the clock of who wrote it: the short form of an NTP timestamp. */
  readonly shortNtp: number;
  readonly streams: readonly StreamArrivals[];
}

/** How many bytes of a report are about a stream of so many packets. */
export function streamBytes(packets: number): number {
  return STREAM_HEAD_BYTES + METRIC_BYTES * (packets + (packets & 1));
}

/** How many bytes a report has for streams, if it is to pass everywhere. */
export const ROOM_FOR_STREAMS = MOST_BYTES - LEAST_BYTES;

/** About how many packets of one stream a report has room for, if there are so many bytes left in it; may be negative. */
export function packetsIn(bytesLeft: number): number {
  return 2 * Math.floor((bytesLeft - STREAM_HEAD_BYTES) / (2 * METRIC_BYTES));
}

/** One report as a datagram of its own (RFC 5506's reduced size). */
export function writeArrivalReport({ senderSsrc, shortNtp, streams }: ArrivalReport): Uint8Array {
  const bytes = streams.reduce((sum, { arrivals }) => sum + streamBytes(arrivals.length), LEAST_BYTES);
  const packet = new Uint8Array(bytes);
  const view = new DataView(packet.buffer);
  view.setUint8(0, VERSION_2 | CONGESTION_FEEDBACK);
  view.setUint8(1, TRANSPORT_FEEDBACK);
  view.setUint16(2, bytes / 4 - 1);
  view.setUint32(4, senderSsrc);
  let at = HEAD_BYTES;
  for (const { ssrc, first, arrivals } of streams) {
    view.setUint32(at, ssrc);
    view.setUint16(at + 4, first);
    view.setUint16(at + 6, arrivals.length);
    arrivals.forEach((arrival, index) => {
      view.setUint16(at + STREAM_HEAD_BYTES + METRIC_BYTES * index, metricOf(arrival));
    });
    at += streamBytes(arrivals.length);
  }
  view.setUint32(at, shortNtp);
  return packet;
}

/**
 * The reports in a datagram. One whose blocks do not fill it exactly is no report, and none of it counts: a length that lies makes
 * packets of what are none.
 */
export function readArrivalReports(datagram: Uint8Array): ArrivalReport[] {
  const reports: ArrivalReport[] = [];
  for (const packet of packetsOf(datagram)) {
    if (!beginsAsArrivalReport(packet) || packet.length < LEAST_BYTES) continue;
    const view = new DataView(packet.buffer, packet.byteOffset, packet.length);
    const end = packet.length - TIMESTAMP_BYTES;
    const streams = streamsIn(view, end);
    if (streams !== null) reports.push({ senderSsrc: view.getUint32(4), shortNtp: view.getUint32(end), streams });
  }
  return reports;
}

/** By how many ms one report's time is after another's, in about -9 to 9 hours: the timestamp wraps around after 18. */
export function msBetween(earlierShortNtp: number, laterShortNtp: number): number {
  return (((laterShortNtp - earlierShortNtp) | 0) * 1000) / SHORT_UNITS_PER_SECOND;
}

/** Whether a datagram's first packet says that it is a report: cheap enough to ask of every datagram of a flood. */
export function beginsAsArrivalReport(datagram: Uint8Array): boolean {
  const first = datagram[0] ?? 0;
  return datagram[1] === TRANSPORT_FEEDBACK && (first & FORMAT_MASK) === CONGESTION_FEEDBACK && (first & PADDING) === 0;
}

/** Null where the blocks do not end where the timestamp begins. */
function streamsIn(view: DataView, end: number): StreamArrivals[] | null {
  const streams: StreamArrivals[] = [];
  let at = HEAD_BYTES;
  while (at < end) {
    if (at + STREAM_HEAD_BYTES > end) return null;
    const count = view.getUint16(at + 6);
    if (count > MOST_REPORTED || at + streamBytes(count) > end) return null;
    const metrics = at + STREAM_HEAD_BYTES;
    const arrivals = Array.from({ length: count }, (_, index) =>
      arrivalOf(view.getUint16(metrics + METRIC_BYTES * index)),
    );
    if (count > 0) streams.push({ ssrc: view.getUint32(at), first: view.getUint16(at + 4), arrivals });
    at += streamBytes(count);
  }
  return streams;
}

function arrivalOf(metric: number): Arrival {
  if ((metric & HAS_COME) === 0) return 'missing';
  const offset = metric & OFFSET_MASK;
  return offset >= LONG_AGO ? 'came' : offset / OFFSETS_PER_MS;
}

function metricOf(arrival: Arrival): number {
  if (arrival === 'missing') return 0;
  if (arrival === 'came' || arrival < 0) return HAS_COME | UNKNOWN;
  return HAS_COME | Math.min(LONG_AGO, Math.round(arrival * OFFSETS_PER_MS));
}
