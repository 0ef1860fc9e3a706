/** Why a TURN server does not do what it was asked, for programs and for people. */

import type { Endpoint } from '../path/contract.ts';
import { endpointText } from '../path/table/addresses.ts';
import type { StunError } from '../stun/message.ts';

/** Stable: programs and tests switch on it. */
export type TurnFailureCode =
  /** User or password is wrong (401, 441). */
  | 'turn.unauthorized'
  /** It may not do this, mostly: send to that peer (403). */
  | 'turn.forbidden'
  /** It has the allocation of somebody else at our address, or none (437). */
  | 'turn.mismatch'
  /** It does not relay to addresses of this family (440, 443). */
  | 'turn.family'
  /** The user has as many allocations as it may have (486). */
  | 'turn.quota'
  /** The server has no room (508). */
  | 'turn.capacity'
  /** Nothing came back. */
  | 'turn.silent'
  /** Another error. */
  | 'turn.refused';

export interface TurnFailure {
  readonly code: TurnFailureCode;
  /** A sentence that says what to do. */
  readonly text: string;
}

const CODES: Readonly<Record<number, TurnFailureCode>> = {
  401: 'turn.unauthorized',
  403: 'turn.forbidden',
  437: 'turn.mismatch',
  440: 'turn.family',
  441: 'turn.unauthorized',
  443: 'turn.family',
  486: 'turn.quota',
  508: 'turn.capacity',
};

/** Of what a server writes. */
const MOST_REASON = 60;

/** @param error null: the server is silent */
export function turnFailure(server: Endpoint, username: string, error: StunError | null): TurnFailure {
  const code = error === null ? 'turn.silent' : (CODES[error.code] ?? 'turn.refused');
  return { code, text: `The TURN server ${endpointText(server)} ${sentenceEnd(code, username, error)}` };
}

function sentenceEnd(code: TurnFailureCode, username: string, error: StunError | null): string {
  switch (code) {
    case 'turn.unauthorized':
      return `refuses the user "${username}". Check user and password of --turn.`;
    case 'turn.forbidden':
      return 'forbids this, mostly because of where the peer is. Ask who runs it.';
    case 'turn.mismatch':
      return 'has another allocation at our address. It is tried again; another --listen port helps at once.';
    case 'turn.family':
      return 'does not relay between IPv4 and IPv6.';
    case 'turn.quota':
      return `gives the user "${username}" no further allocation. End another one, or raise its quota.`;
    case 'turn.capacity':
      return 'has no room for another allocation. It is tried again.';
    case 'turn.silent':
      return 'does not answer. Check host and port of --turn, and whether UDP reaches it.';
    case 'turn.refused':
      return `refuses with error ${error?.code} (${printable(error?.reason ?? '')}).`;
  }
}

/** A server may write anything, and this goes to a terminal. */
function printable(reason: string): string {
  return reason.replace(/[^\x20-\x7e]/g, '').slice(0, MOST_REASON);
}
