/** What is kept of one sender on the bus: little, and no more for one that sends much. */
import type { Profile } from '../ports.ts';
import { DELAYS } from '../timers.ts';
import { Allowance, type Limit } from './allowance.ts';

/** Joins, returns and moves to new plans are bursts; no peer at rest or in a change says so much in the long run. */
const MESSAGES: Limit = { burst: 100, perSecond: 30 };
/** Characters. Three of the largest profiles at once; a room of 250 at its busiest takes a fourth of the rate. */
const CHARACTERS: Limit = { burst: 1_000_000, perSecond: 250_000 };
/** Profiles that wake the machines by themselves. */
const PROFILES: Limit = { burst: 8, perSecond: 1000 / DELAYS.profilePace };
/** What a person writes. Each is shown to people: nobody reads faster. */
export const CHATS: Limit = { burst: 10, perSecond: 1 };
/** Messages of another epoch than the one that is known that say who is there: each may mean that the sender is a new member, and a new plan. */
const OTHER_EPOCHS: Limit = { burst: 4, perSecond: 1 };

export class Sender {
  readonly messages = new Allowance(MESSAGES);
  readonly characters = new Allowance(CHARACTERS);
  readonly profiles = new Allowance(PROFILES);
  readonly chats = new Allowance(CHATS);
  readonly otherEpochs = new Allowance(OTHER_EPOCHS);
  heardMs: number;
  /** If nothing comes until then, it is unheard. */
  deadlineMs: number;
  isUnheard = false;
  /** The machines wait to hear of it: they were told that it is unheard, or that another process speaks under its id. */
  isAwaited = false;
  /** Of what stands before the number in its latest profile. */
  resting: number | undefined;
  /** Waits to be told together with others. */
  pending: Profile | undefined;

  constructor(nowMs: number, timeoutMs: number) {
    this.heardMs = nowMs;
    this.deadlineMs = nowMs + timeoutMs;
  }

  /** Something came of it. */
  hear(nowMs: number, timeoutMs: number): void {
    this.isUnheard = false;
    this.heardMs = nowMs;
    this.deadlineMs = nowMs + timeoutMs;
  }
}
