/** The gateway as a registrar knows it: whoever dials its name there comes into the room. */
import type { Registration } from '../../infra/sip/agent/registration.ts';
import type { SipEndpoint } from '../../infra/sip/endpoint.ts';
import type { Flow } from '../../infra/sip/flow.ts';
import type { Journal } from '../journal/journal.ts';
import { PhoneError } from './errors.ts';

/** How long the registrar may take to hear that we leave, in ms: it forgets us by itself. */
const LEAVING_MS = 2000;

export interface RegisteredOptions {
  readonly endpoint: SipEndpoint;
  /** `sip:user@host`, and where that is. */
  readonly as: string;
  readonly flow: Flow;
  readonly password: string | null;
  /** The user that callers are sent to: a room. */
  readonly room: string;
  readonly user: string;
  readonly journal: Journal;
  readonly now: () => number;
}

export class Registered {
  readonly #options: RegisteredOptions;
  readonly #registration: Registration;

  private constructor(options: RegisteredOptions, registration: Registration) {
    this.#options = options;
    this.#registration = registration;
  }

  /**
   * Resolves once the registrar knows us.
   *
   * @throws {PhoneError} `phone.register`
   */
  static open(options: RegisteredOptions): Promise<Registered> {
    const { endpoint, as, flow, password, room, user, journal, now } = options;
    return new Promise((resolve, reject) => {
      let isKnown = false;
      const registration = endpoint.agent.registration({
        ...{ as, flow, contact: room, credentials: password === null ? null : { user, password } },
        onRegistered: (seconds) => {
          journal.note({ type: 'phone.registered', as, seconds });
          isKnown = true;
          resolve(new Registered(options, registration));
        },
        onFailed: (reason) => {
          journal.note({ type: 'phone.unregistered', as, reason });
          // It may have gone for a while: it is asked again.
          if (isKnown) return;
          registration.stop(now(), () => undefined);
          const text = `--register: the registrar of ${as} does not take us (${reason}). Look at the name, the address and --sip-password.`;
          reject(new PhoneError('phone.register', text));
        },
      });
      registration.start(now());
      endpoint.settle();
    });
  }

  /** The registrar is told that we are not there any more. */
  close(): Promise<void> {
    const { endpoint, now } = this.#options;
    return new Promise((resolve) => {
      const late = setTimeout(resolve, LEAVING_MS);
      this.#registration.stop(now(), () => {
        clearTimeout(late);
        resolve();
      });
      endpoint.settle();
    });
  }
}
