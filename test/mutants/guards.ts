/**
 * Faults written by hand, each against one guard: code that is there for the day when something goes wrong, and that nobody misses
 * until then. Every one of them must be found by some test.
 */
export interface Guard {
  /** What the fault makes of the program. */
  readonly fault: string;
  /** What that would do to a call. */
  readonly why: string;
  /** Path from the project's root. */
  readonly file: string;
  /** Code that is in the file exactly once. */
  readonly search: string;
  readonly replacement: string;
}

export const GUARDS: readonly Guard[] = [
  {
    fault: 'a ledger forgets what its own source needs',
    why: 'a relay promises upload that it does not have, and its own picture breaks up',
    file: 'machines/negotiation/ledger.ts',
    search: 'ledger.usableBps - own - promised',
    replacement: 'ledger.usableBps - promised',
  },
  {
    fault: 'byes of strangers are remembered without limit',
    why: 'one member that says bye under many names fills the memory of all others',
    file: 'machines/signaling/membership.ts',
    search: 'if (byes.size <= MAX_MEMBERS) break;',
    replacement: 'break;',
  },
  {
    fault: 'a peer that gets upload back does not rise in the heap',
    why: 'plans go on with relays that have less to lend',
    file: 'machines/planning/spare.ts',
    search: 'if (place >= 0) this.#rise(place);',
    replacement: 'if (place >= 0) return;',
  },
  {
    fault: 'a peer obeys any sender, not its controller only',
    why: 'every member of a room could end a peer that a script drives',
    file: 'actors/control.ts',
    search: "from: controller, to: peer, kind: 'control.*'",
    replacement: "from: '*', to: peer, kind: 'control.*'",
  },
  {
    fault: 'control.kill leaves in good order',
    why: 'the crash scenario would show that a farewell costs nothing, and nothing of a crash',
    file: 'actors/call.ts',
    search: "process.kill(process.pid, 'SIGKILL');",
    replacement: 'this.leave();',
  },
  {
    fault: 'an invalid presence is remembered by the filter',
    why: 'the valid ones after it that say the same are held back, and the member stays unknown',
    file: 'actors/bus.ts',
    search: 'this.#filter.forget(from);',
    replacement: '',
  },
  {
    fault: "sender reports of another's source are believed",
    why: 'one member could make receivers think that the relays of another swallow packets',
    file: 'actors/transport.ts',
    search: 'if (report === undefined || this.ownerOf(report.ssrc) !== peer) return;',
    replacement: 'if (report === undefined) return;',
  },
  {
    fault: 'agreements have no rate limit',
    why: 'a client that sends more than it asked for takes the whole upload of its relay',
    file: 'actors/path-table.ts',
    search: '(before?.limitBps ?? 0) + limitBps * LIMIT_SLACK',
    replacement: 'null',
  },
  {
    fault: "a second agreement about one source replaces the first one's legs",
    why: 'while a client moves from one agreement to the next, some of its receivers get nothing',
    file: 'actors/path-table.ts',
    search: '[...(before?.legs ?? []), ...legs.map(',
    replacement: '[...legs.map(',
  },
  {
    fault: '--listen 0.0.0.0 advertises 0.0.0.0',
    why: 'others send their packets to themselves',
    file: 'actors/addresses.ts',
    search: 'listen !== null && !isWildcard(listen.host)',
    replacement: 'listen !== null',
  },
  {
    fault: 'the table shows no loss',
    why: 'who watches a call that breaks up sees that all is well',
    file: 'actors/call-status.ts',
    search: 'Math.max(0, 1 - (packets - before.packets) / expected)',
    replacement: '0',
  },
  {
    fault: 'packets find an outlet that is being closed',
    why: 'a member that leaves while its packets still come ends the peers that play it',
    file: 'actors/sink/rtp-sink.ts',
    search: 'this.#connect();\n    this.#failedBefore += outlet.failedSends;',
    replacement: 'this.#failedBefore += outlet.failedSends;',
  },
  {
    fault: 'an own packet out of order moves the newest one back',
    why: 'the packets after it are not sent again to who lost them with a relay',
    file: 'infra/path/own-sources.ts',
    search: 'source.newest = Math.max(source.newest ?? extended, extended);',
    replacement: 'source.newest = extended;',
  },
  {
    fault: 'a token bucket gives what it does not have',
    why: 'no rate limit on the packet path holds',
    file: 'infra/path/token-bucket.ts',
    search: 'const enough = tokens >= bits;',
    replacement: 'const enough = true;',
  },
];
