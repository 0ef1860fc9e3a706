/**
 * The NAT Port Mapping Protocol (RFC 6886): one datagram asks, one answers. IPv4 only.
 *
 * ```
 * asks     | 0 | 0 |                                                                 the outside address
 *          | 0 | 1 | reserved | own port | outside port | lifetime, s |             a mapping for UDP
 * answers  | 0 | 128 + op | result | epoch, s | outside address |
 *          | 0 | 128 + op | result | epoch, s | own port | outside port | lifetime, s |
 * ```
 */
import { isUnicast } from '../network/scope.ts';
import type { MappingAnswer, MappingQuestion, Refusal } from './contract.ts';

export const NAT_PMP_VERSION = 0;
const ADDRESS = 0;
const MAP_UDP = 1;
const ANSWER = 0x80;

const HEAD_BYTES = 8;
const ADDRESS_ANSWER_BYTES = 12;
const MAP_ANSWER_BYTES = 16;

/** Section 3.5. */
const UNSUPPORTED_VERSION = 1;
const REFUSALS: Readonly<Record<number, Refusal>> = { 2: 'forbidden', 3: 'no-outside', 4: 'full', 5: 'unsupported' };

/** @param ownPort our UDP port */
export function writeNatPmp({ ask, outside, lifetimeS }: MappingQuestion, ownPort: number): Uint8Array {
  if (ask === 'probe' || ask === 'look') return Uint8Array.of(NAT_PMP_VERSION, ADDRESS);
  const bytes = new Uint8Array(12);
  const view = new DataView(bytes.buffer);
  view.setUint8(1, MAP_UDP);
  view.setUint16(4, ownPort);
  // Both are zero for a mapping that shall end (section 3.4).
  view.setUint16(6, ask === 'map' ? outside.port : 0);
  view.setUint32(8, ask === 'map' ? lifetimeS : 0);
  return bytes;
}

/** @returns null for what is malformed, or not for our port */
export function readNatPmp(bytes: Uint8Array, ownPort: number): MappingAnswer | null {
  if (bytes.length < HEAD_BYTES || bytes[0] !== NAT_PMP_VERSION) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const operation = view.getUint8(1) - ANSWER;
  const result = view.getUint16(2);
  // So answers who knows this protocol and was asked in PCP, whatever the operation (RFC 6887 appendix A).
  if (result === UNSUPPORTED_VERSION) return { type: 'refused', method: 'PCP', asked: 'look', reason: 'unsupported' };
  if (operation !== ADDRESS && operation !== MAP_UDP) return null;
  if (result !== 0) {
    const asked = operation === ADDRESS ? 'look' : 'map';
    return { type: 'refused', method: 'NAT-PMP', asked, reason: REFUSALS[result] ?? 'failed' };
  }
  return operation === ADDRESS ? readAddress(view) : readMapping(view, ownPort);
}

function readAddress(view: DataView): MappingAnswer | null {
  if (view.byteLength < ADDRESS_ANSWER_BYTES) return null;
  const host = [8, 9, 10, 11].map((at) => view.getUint8(at)).join('.');
  if (!isUnicast(host)) return { type: 'refused', method: 'NAT-PMP', asked: 'look', reason: 'no-outside' };
  return { type: 'there', method: 'NAT-PMP', epochS: view.getUint32(4), host };
}

function readMapping(view: DataView, ownPort: number): MappingAnswer | null {
  if (view.byteLength < MAP_ANSWER_BYTES || view.getUint16(8) !== ownPort) return null;
  const [port, lifetimeS] = [view.getUint16(10), view.getUint32(12)];
  if (lifetimeS === 0) return { type: 'unmapped', method: 'NAT-PMP' };
  if (port === 0) return null;
  return { type: 'mapped', method: 'NAT-PMP', epochS: view.getUint32(4), host: null, port, lifetimeS };
}
