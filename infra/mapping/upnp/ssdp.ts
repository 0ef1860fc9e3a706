/** How a gateway that speaks UPnP is found: a search by multicast, answered by datagram (UPnP Device Architecture 1.1, section 1.3). */
import type { Endpoint } from '../../path/contract.ts';

export const SSDP_GROUP: Endpoint = { host: '239.255.255.250', port: 1900 };

/** A gateway of version 2 answers to this too. */
const GATEWAY_DEVICE = 'urn:schemas-upnp-org:device:InternetGatewayDevice:1';
/** Within how many seconds devices shall answer: the least that may be asked for. */
const MOST_WAIT_S = 1;

/** Real answers have some 400 bytes. */
const MAX_ANSWER_BYTES = 2048;
const MAX_URL_LENGTH = 512;

export function writeSearch(): Uint8Array {
  const lines = [
    'M-SEARCH * HTTP/1.1',
    `HOST: ${SSDP_GROUP.host}:${SSDP_GROUP.port}`,
    'MAN: "ssdp:discover"',
    `MX: ${MOST_WAIT_S}`,
    `ST: ${GATEWAY_DEVICE}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

/**
 * Where the gateway describes itself. Whoever answers could send us anywhere: only the gateway's own address is taken.
 *
 * @returns null for what is no answer, or points elsewhere
 */
export function readSearchAnswer(datagram: Uint8Array, gateway: string): URL | null {
  if (datagram.length > MAX_ANSWER_BYTES) return null;
  const [status = '', ...headers] = Buffer.from(datagram).toString('latin1').split('\r\n');
  if (!/^HTTP\/1\.[01] 200(?: |$)/.test(status)) return null;
  const location = headers.find((line) => /^location:/i.test(line));
  return location === undefined ? null : gatewayUrl(location.slice('location:'.length).trim(), gateway);
}

/**
 * A URL on the gateway itself.
 *
 * @param base what a relative one is relative to
 */
export function gatewayUrl(text: string, gateway: string, base?: URL): URL | null {
  if (text.length === 0 || text.length > MAX_URL_LENGTH || !URL.canParse(text, base?.href)) return null;
  const url = new URL(text, base);
  const isOwn = url.protocol === 'http:' && url.hostname === gateway && url.username === '' && url.password === '';
  return isOwn ? url : null;
}
