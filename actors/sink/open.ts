/** Opens the sink that the command line asks for. */
import { lookup } from 'node:dns/promises';
import type { Endpoint } from '../../infra/path/contract.ts';
import type { SinkSpec } from '../options/contract.ts';
import { type OnPlayerRtcp, type Sink, SinkError, type SinkNews } from './contract.ts';
import { PlayerRtcpCount } from './player-rtcp.ts';
import { FreePorts, SteppedPorts } from './ports.ts';
import { RtpSink } from './rtp-sink.ts';
import { SdpFolder } from './sdp-folder.ts';

/** Plays nothing. */
const SILENT: Sink = {
  setStreams: () => undefined,
  deliver: () => undefined,
  report: () => undefined,
  failedSends: 0,
  playerRtcp: new PlayerRtcpCount(),
  settled: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/**
 * @param onNews is told of every stream that can be watched from now on, and where
 * @param onPlayerRtcp is given what players send back; left out: it is counted, and no more
 * @throws {SinkError} `sink.folder`, `sink.host`
 */
export async function openSink(
  spec: SinkSpec,
  onNews: (news: SinkNews) => void,
  onPlayerRtcp: OnPlayerRtcp = () => undefined,
): Promise<Sink> {
  if (spec.kind === 'none') return SILENT;
  const ports = spec.kind === 'sdp' ? new FreePorts() : new SteppedPorts(await resolveHost(spec.to));
  return new RtpSink({ ports, folder: await SdpFolder.open(spec.sdpFolder), onNews, onPlayerRtcp });
}

async function resolveHost({ host, port }: Endpoint): Promise<Endpoint> {
  try {
    const { address } = await lookup(host);
    return { host: address, port };
  } catch (cause) {
    const message = `--sink rtp: ${host} has no address. Give a host that this machine can reach.`;
    throw new SinkError('sink.host', message, { cause });
  }
}
