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
    fault: 'a ledger forgets what its own streams need',
    why: 'a relay promises upload that it does not have, and its own picture breaks up',
    file: 'machines/negotiation/ledger.ts',
    search: 'ledger.usableBps - own - promised',
    replacement: 'ledger.usableBps - promised',
  },
  {
    fault: 'a message of a process that is no more is believed',
    why: 'what an older process of that id said undoes what the one that runs has agreed',
    file: 'machines/negotiation/negotiation.ts',
    search: '!view.members.has(message.from) || isCurrent(view, message)',
    replacement: 'true',
  },
  {
    fault: "anybody may release another client's agreement",
    why: "a member could take everybody's relays away",
    file: 'machines/negotiation/lending.ts',
    search: 'if (context.relaying.agreements.get(from)?.id !== body.agreement) return { patch: { deferred } };',
    replacement:
      'const [held] = context.relaying.agreements.keys();\n  if (held === undefined) return { patch: { deferred } };',
  },
  {
    fault: 'an older request amends the terms in force',
    why: 'a message that was late takes legs away',
    file: 'machines/negotiation/answering.ts',
    search: "if (before !== undefined && revision < before.revision) return { type: 'stale' };",
    replacement: '',
  },
  {
    fault: 'a relay sends to a receiver that says it is where another member is',
    why: 'one member aims the streams of others at somebody',
    file: 'machines/negotiation/answering.ts',
    search: '!isAtAnothersAddress(view, member) && ',
    replacement: '',
  },
  {
    fault: 'a relay sends a client its own stream back',
    why: 'what a client sends comes back to it, twice its upload for nothing',
    file: 'machines/negotiation/answering.ts',
    search: ' || receiver === client',
    replacement: '',
  },
  {
    fault: 'what drains grows without end',
    why: 'a client that adds and drops legs again and again has a relay forward far more than was promised',
    file: 'machines/negotiation/relaying.ts',
    search: 'costBps(both) <= heldBps ? both : letGo',
    replacement: 'both',
  },
  {
    fault: 'one receiver is believed alone without end',
    why: 'one member that lies takes all relays of another away',
    file: 'machines/negotiation/doubting.ts',
    search: 'const ACCUSED_ALONE = 2;',
    replacement: 'const ACCUSED_ALONE = 1000;',
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
    file: 'machines/planning/fill/spare.ts',
    search: 'if (place >= 0) this.#rise(place);',
    replacement: 'if (place >= 0) return;',
  },
  {
    fault: 'one sender may flood everybody',
    why: "a member that repeats itself without end takes everybody's processor",
    file: 'machines/hearing/hearing.ts',
    search: "if (!sender.messages.take(1, nowMs)) return flood('too many messages');",
    replacement: '',
  },
  {
    fault: 'a signature is not checked',
    why: 'the NATS server could speak for every member',
    file: 'actors/bus/sealing/opener.ts',
    search: 'if (!isGenuine(subjectOf(address), content))',
    replacement: 'if (false)',
  },
  {
    fault: 'a message is heard as often as it comes',
    why: 'what a member has taken back could be said again in its name',
    file: 'actors/bus/sealing/opener.ts',
    search: 'if (known !== undefined && !known.heard.isFresh(named.seq))',
    replacement: 'if (false)',
  },
  {
    fault: 'what was said to an earlier process counts',
    why: 'a recorded call could be played to whoever joins',
    file: 'actors/bus/sealing/opener.ts',
    search: 'if (to !== ALL && content.forEpoch !== this.#self.epoch)',
    replacement: 'if (false)',
  },
  {
    fault: 'a known id is believed under any key',
    why: 'whoever comes back under the name of a friend would be taken for that friend',
    file: 'actors/bus/sealing/opener.ts',
    search: 'if (knownKey !== undefined && knownKey !== key)',
    replacement: 'if (false)',
  },
  {
    fault: 'a peer obeys any sender, not its controller only',
    why: 'every member of a room could end a peer that a script drives',
    file: 'actors/call/control.ts',
    search: "subjectOf({ room, from: controller, to: peer, kind: 'control.*' })",
    replacement: "subjectOf({ room, from: '*', to: peer, kind: 'control.*' })",
  },
  {
    fault: 'control.kill leaves in good order',
    why: 'the crash scenario would show that a farewell costs nothing, and nothing of a crash',
    file: 'actors/call/obeying.ts',
    search: "process.kill(process.pid, 'SIGKILL');",
    replacement: 'leave();',
  },
  {
    fault: "sender reports of another's stream are believed",
    why: 'one member could make receivers think that the relays of another swallow packets',
    file: 'actors/media/member-rtcp.ts',
    search: 'if (owner === peer) {',
    replacement: 'if (owner !== undefined) {',
  },
  {
    fault: 'agreements have no rate limit',
    why: 'a client that sends more than it asked for takes the whole upload of its relay',
    file: 'actors/media/path-table.ts',
    search: 'return plannedBps * LIMIT_SLACK + SEALS_BPS * sealed;',
    replacement: 'return Number.MAX_SAFE_INTEGER + 0 * sealed * plannedBps;',
  },
  {
    fault: '--listen 0.0.0.0 advertises 0.0.0.0',
    why: 'others send their packets to themselves',
    file: 'actors/call/media-addresses.ts',
    search: 'listen !== null && !isUnspecified(listen.host)',
    replacement: 'listen !== null',
  },
  {
    fault: 'the table shows no loss',
    why: 'who watches a call that breaks up sees that all is well',
    file: 'actors/call/call-status.ts',
    search: 'sumOf(measured, ({ lost }) => lost) / expected',
    replacement: '0',
  },
  {
    fault: 'an own packet out of order moves the newest one back',
    why: 'the packets after it are not sent again to who lost them with a relay',
    file: 'infra/path/kept/own-sources.ts',
    search: 'source.newest = Math.max(source.newest ?? extended, extended);',
    replacement: 'source.newest = extended;',
  },
  {
    fault: 'a token bucket gives what it does not have',
    why: 'no rate limit on the packet path holds',
    file: 'infra/path/decision/token-bucket.ts',
    search: 'const enough = tokens >= bits;',
    replacement: 'const enough = true;',
  },
];
