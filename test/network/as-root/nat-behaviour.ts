/** What a router does with UDP, found out from both its sides with plain packets, in the words of RFC 4787, sections 4.1 and 5. */
import type { Host } from '../parts/host.ts';
import type { Endpoint, Probe } from '../parts/probe.ts';

/** What makes a router take another outside port, or whom it lets in besides the one that was spoken to. */
export type Dependence = 'endpoint-independent' | 'address-dependent' | 'address-and-port-dependent';

export interface NatBehaviour {
  readonly mapping: Dependence;
  readonly filtering: Dependence;
}

/** @param inside the host behind the router @param outside two hosts on the internet */
export async function behaviourOf(inside: Host, outside: readonly [Host, Host]): Promise<NatBehaviour> {
  return { mapping: await mappingOf(inside, outside), filtering: await filteringOf(inside, outside) };
}

async function mappingOf(inside: Host, [near, far]: readonly [Host, Host]): Promise<Dependence> {
  await using probe = await inside.probe();
  await using first = await near.probe();
  await using second = await near.probe();
  await using elsewhere = await far.probe();
  const seenBy = async (other: Probe, at: Host) => textOf(await mappedTo(probe, other, at));
  const seen = await seenBy(first, near);
  if (seen !== (await seenBy(second, near))) return 'address-and-port-dependent';
  return seen === (await seenBy(elsewhere, far)) ? 'endpoint-independent' : 'address-dependent';
}

async function filteringOf(inside: Host, [near, far]: readonly [Host, Host]): Promise<Dependence> {
  await using probe = await inside.probe();
  await using known = await near.probe();
  await using otherPort = await near.probe();
  await using stranger = await far.probe();
  const mapped = await mappedTo(probe, known, near);
  await otherPort.send('another port', mapped);
  await stranger.send('a stranger', mapped);
  // There and back takes twice as long as these take, so that they have come if they come at all.
  await known.send('ping', mapped);
  const early = await probe.until('ping');
  await probe.send('pong', at(near, known));
  await known.until('pong');
  await known.send('last', mapped);
  const passed = [...early, ...(await probe.until('last'))].map(({ text }) => text);
  if (passed.includes('a stranger')) return 'endpoint-independent';
  return passed.includes('another port') ? 'address-dependent' : 'address-and-port-dependent';
}

/** As whom one outside sees a probe inside. */
export async function mappedTo(inside: Probe, outside: Probe, host: Host): Promise<Endpoint> {
  await inside.send('hello', at(host, outside));
  return (await outside.next()).from;
}

/** Where a probe is reached in its own network. */
export function at(host: Host, probe: Probe): Endpoint {
  return { host: host.ipv4, port: probe.port };
}

function textOf({ host, port }: Endpoint): string {
  return `${host}:${port}`;
}
