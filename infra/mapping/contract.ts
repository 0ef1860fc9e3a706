/** What is asked of a gateway and what it says, whatever the protocol: the words between the logic of a mapping and the codecs. */
import type { AddressScope } from '../network/scope.ts';
import type { Endpoint } from '../path/contract.ts';

/** PCP is RFC 6887, NAT-PMP RFC 6886, UPnP the Internet Gateway Device of the UPnP Forum. */
export const MAPPING_METHODS = ['PCP', 'NAT-PMP', 'UPnP'] as const;
export type MappingMethod = (typeof MAPPING_METHODS)[number];

/**
 * `probe`: do you speak this? `map`: send what comes to a port of yours to ours, from now on, or for longer. `look`: do you still?
 * `unmap`: no more.
 */
export type MappingAsk = 'probe' | 'map' | 'look' | 'unmap';

export interface MappingQuestion {
  readonly method: MappingMethod;
  readonly ask: MappingAsk;
  /** The outside address that we have or would like; it is the gateway that decides. */
  readonly outside: { readonly host: string | null; readonly port: number };
  /** How long it shall last, in seconds. */
  readonly lifetimeS: number;
}

/**
 * `silent`: no answer. `forbidden`: its owner does not want it. `no-outside`: it has no outside address. `full`: no room for one more.
 * `taken`: somebody else has the ports that were tried. `unsupported`: it speaks another version. `failed`: anything else.
 */
export type Refusal = 'silent' | 'forbidden' | 'no-outside' | 'full' | 'taken' | 'unsupported' | 'failed';

/** What an answer answers, as far as a protocol tells: `look` is also `probe`, `map` is also `unmap`. */
export type Asked = 'look' | 'map';

export type MappingAnswer =
  /** To `probe` and `look`. What the protocol does not tell is null. */
  | {
      readonly type: 'there';
      readonly method: MappingMethod;
      readonly epochS: number | null;
      readonly host: string | null;
    }
  /** To `look`: the gateway has no such mapping. */
  | { readonly type: 'gone'; readonly method: MappingMethod }
  | ({ readonly type: 'mapped'; readonly method: MappingMethod } & Grant)
  | { readonly type: 'unmapped'; readonly method: MappingMethod }
  | { readonly type: 'refused'; readonly method: MappingMethod; readonly asked: Asked; readonly reason: Refusal };

export interface Grant {
  /** How long the gateway has known its mappings, in seconds; null where the protocol has no such clock. */
  readonly epochS: number | null;
  /** Null where the answer to a probe has told it. */
  readonly host: string | null;
  readonly port: number;
  readonly lifetimeS: number;
}

/** Whom to map for. */
export interface MappingTarget {
  /** Our address on the gateway's side of the network, and our UDP port. */
  readonly own: Endpoint;
  /** The gateway's address on ours. */
  readonly gateway: string;
}

/** Where we are reached from outside. */
export interface MappedAddress extends Endpoint {
  readonly by: MappingMethod;
  /** `private`: behind this gateway there is another NAT, so that it helps only those between the two. */
  readonly scope: AddressScope;
}

export interface MethodRefusal {
  readonly method: MappingMethod;
  readonly reason: Refusal;
}

export type MappingState =
  | { readonly type: 'asking' }
  | { readonly type: 'mapped'; readonly mapped: MappedAddress }
  | { readonly type: 'none'; readonly refusals: readonly MethodRefusal[] }
  | { readonly type: 'closed' };
