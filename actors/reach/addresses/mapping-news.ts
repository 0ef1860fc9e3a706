/** What a person is told about the mapped port. */
import type { MappingMethod, MethodRefusal, Refusal } from '../../../infra/mapping/contract.ts';
import type { AddressScope } from '../../../infra/network/scope.ts';

export type MappingNews =
  | {
      readonly type: 'mapping.made';
      readonly address: string;
      readonly by: MappingMethod;
      readonly scope: AddressScope;
    }
  | { readonly type: 'mapping.lost'; readonly address: string }
  /** The gateway is null where this machine has none, or the system does not tell. */
  | { readonly type: 'mapping.none'; readonly gateway: string | null; readonly refusals: readonly MethodRefusal[] };

const REASONS: Readonly<Record<Exclude<Refusal, 'silent' | 'unsupported'>, string>> = {
  forbidden: 'it forbids that: allow UPnP or NAT-PMP in its settings',
  'no-outside': 'it has no public address: it is not connected, or the provider has a NAT of its own',
  full: 'it has no room for another one: restart it, or end other programs that use it',
  taken: 'the ports asked for are taken',
  failed: 'it could not',
};

export function mappingSentence(news: MappingNews): string {
  switch (news.type) {
    case 'mapping.made':
      return news.scope === 'public'
        ? `the router sends what comes to ${news.address} to our media port (${news.by})`
        : `the router sends what comes to ${news.address} to our media port (${news.by}), but that address is not public: ` +
            'the provider, or another router, has a NAT of its own, and nobody outside gets through it by this';
    case 'mapping.lost':
      return `the router no longer sends what comes to ${news.address} to us`;
    case 'mapping.none':
      return news.gateway === null
        ? 'no router is known that could be asked to forward our media port'
        : `the router ${news.gateway} does not forward our media port: ${whyNot(news.refusals)}`;
  }
}

/** What it has said itself says more than what it has not answered. */
function whyNot(refusals: readonly MethodRefusal[]): string {
  for (const { method, reason } of refusals) {
    if (reason !== 'silent' && reason !== 'unsupported') return `asked by ${method}, ${REASONS[reason]}`;
  }
  return 'it speaks neither PCP nor NAT-PMP nor UPnP, or they are switched off in its settings';
}
