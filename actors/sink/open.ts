/** Opens the sink that the command line asks for. */
import { lookup } from 'node:dns/promises';
import type { Endpoint } from '../../infra/path/contract.ts';
import type { SinkSpec } from '../options/contract.ts';
import { type Sink, SinkError, type SinkNews } from './contract.ts';
import { FreePorts, SteppedPorts } from './ports.ts';
import { RtpSink } from './rtp-sink.ts';
import { SdpFolder } from './sdp-folder.ts';

/** Plays nothing. */
const SILENT: Sink = {
  setStreams: () => undefined,
  deliver: () => undefined,
  report: () => undefined,
  failedSends: 0,
  settled: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/**
 * @param onNews is told of every stream that can be watched from now on, and where
 * @throws {SinkError} `sink.folder`, `sink.host`
 */
export async function openSink(spec: SinkSpec, onNews: (news: SinkNews) => void): Promise<Sink> {
  if (spec.kind === 'none') return SILENT;
  const ports = spec.kind === 'sdp' ? new FreePorts() : new SteppedPorts(await resolveHost(spec.to));
  return new RtpSink(ports, await SdpFolder.open(spec.sdpFolder), onNews);
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
