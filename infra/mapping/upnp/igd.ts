/** An Internet Gateway Device: mapping questions as calls of its service (WANIPConnection, WANPPPConnection; versions 1 and 2). */
import { isIPv4 } from 'node:net';
import { isUnicast } from '../../network/scope.ts';
import type { Asked, MappingAnswer, MappingQuestion, MappingTarget, Refusal } from '../contract.ts';
import { type MappingService, readServices } from './description.ts';
import { type HttpAnswer, type HttpRequest, readSoapAnswer, SOAP_ERROR, soapRequest } from './soap.ts';
import { textOf } from './xml.ts';

export type AskHttp = (request: HttpRequest) => Promise<HttpAnswer | null>;

/** What its owner reads in the router's list. */
const DESCRIPTION = 'rpr';
/** Other programs and machines have ports too. */
const MOST_PORTS = 8;
const MAX_PORT = 0xffff;
/** A mapping without an end counts as one of a day: it is looked at meanwhile, as all are. */
const PERMANENT_S = 24 * 3600;

const REFUSALS: Readonly<Record<number, Refusal>> = {
  [SOAP_ERROR.notAuthorized]: 'forbidden',
  [SOAP_ERROR.conflict]: 'taken',
  [SOAP_ERROR.noPortsLeft]: 'full',
  [SOAP_ERROR.conflictElsewhere]: 'taken',
};

export class InternetGateway {
  readonly #target: MappingTarget;
  readonly #service: MappingService;
  readonly #ask: AskHttp;

  private constructor(target: MappingTarget, service: MappingService, ask: AskHttp) {
    this.#target = target;
    this.#service = service;
    this.#ask = ask;
  }

  /**
   * Reads its description, and finds the line that is in use.
   *
   * @returns null where it has none
   */
  static async find(location: URL, target: MappingTarget, ask: AskHttp): Promise<InternetGateway | null> {
    const description = await ask({ url: location, headers: {}, body: null });
    if (description?.status !== 200) return null;
    for (const service of readServices(description.body, location)) {
      const gateway = new InternetGateway(target, service, ask);
      if ((await gateway.#outsideHost()) !== null) return gateway;
    }
    return null;
  }

  /** @param question not `probe`: that is answered by {@link find} */
  async answer({ ask, outside, lifetimeS }: MappingQuestion): Promise<MappingAnswer> {
    switch (ask) {
      case 'map':
        return this.#map(outside.port, lifetimeS);
      case 'unmap':
        return this.#unmap(outside.port);
      default:
        return this.#look(outside.port);
    }
  }

  async #outsideHost(): Promise<string | null> {
    const answer = await this.#call('GetExternalIPAddress', {});
    const host = typeof answer === 'string' ? textOf(answer, 'NewExternalIPAddress') : null;
    return host !== null && isIPv4(host) && isUnicast(host) ? host : null;
  }

  async #map(wantedPort: number, lifetimeS: number): Promise<MappingAnswer> {
    for (let port = wantedPort; port < wantedPort + MOST_PORTS && port <= MAX_PORT; port += 1) {
      // Some gateways give a port to whoever asked last, without a word to whom it belonged.
      if ((await this.#ownerOf(port)) === 'other') continue;
      const leaseS = await this.#add(port, lifetimeS);
      if (leaseS === 'taken') continue;
      if (typeof leaseS === 'string') return refused('map', leaseS);
      const host = await this.#outsideHost();
      if (host === null) return refused('map', 'no-outside');
      return { type: 'mapped', method: 'UPnP', epochS: null, host, port, lifetimeS: leaseS };
    }
    return refused('map', 'taken');
  }

  /** @returns how long it lasts, in seconds */
  async #add(port: number, lifetimeS: number): Promise<number | Refusal> {
    const answer = await this.#call('AddPortMapping', this.#mapping(port, lifetimeS));
    if (typeof answer === 'string') return lifetimeS;
    if (answer !== SOAP_ERROR.onlyPermanent) return REFUSALS[answer] ?? 'failed';
    const permanent = await this.#call('AddPortMapping', this.#mapping(port, 0));
    return typeof permanent === 'string' ? PERMANENT_S : (REFUSALS[permanent] ?? 'failed');
  }

  async #look(port: number): Promise<MappingAnswer> {
    const owner = await this.#ownerOf(port);
    if (owner === 'nobody' || owner === 'other') return { type: 'gone', method: 'UPnP' };
    const host = await this.#outsideHost();
    return host === null ? refused('look', 'no-outside') : { type: 'there', method: 'UPnP', epochS: null, host };
  }

  async #ownerOf(port: number): Promise<'nobody' | 'us' | 'other' | 'unknown'> {
    const answer = await this.#call('GetSpecificPortMappingEntry', entryOf(port));
    if (typeof answer === 'number') return answer === SOAP_ERROR.noSuchEntry ? 'nobody' : 'unknown';
    const { own } = this.#target;
    const isOurs =
      textOf(answer, 'NewInternalClient') === own.host && textOf(answer, 'NewInternalPort') === String(own.port);
    return isOurs ? 'us' : 'other';
  }

  async #unmap(port: number): Promise<MappingAnswer> {
    // Many gateways take away what belongs to another machine, if asked.
    if ((await this.#ownerOf(port)) === 'other') return { type: 'unmapped', method: 'UPnP' };
    const answer = await this.#call('DeletePortMapping', entryOf(port));
    return typeof answer === 'string' ? { type: 'unmapped', method: 'UPnP' } : refused('map', 'failed');
  }

  #mapping(port: number, leaseS: number) {
    const { own } = this.#target;
    return {
      ...entryOf(port),
      NewInternalPort: own.port,
      NewInternalClient: own.host,
      NewEnabled: 1,
      NewPortMappingDescription: DESCRIPTION,
      NewLeaseDuration: leaseS,
    };
  }

  async #call(action: string, given: Readonly<Record<string, string | number>>): Promise<string | number> {
    const answer = await this.#ask(soapRequest({ service: this.#service, action, given }));
    return answer === null ? 0 : readSoapAnswer(answer);
  }
}

/** What names a mapping. */
function entryOf(port: number) {
  return { NewRemoteHost: '', NewExternalPort: port, NewProtocol: 'UDP' };
}

function refused(asked: Asked, reason: Refusal): MappingAnswer {
  return { type: 'refused', method: 'UPnP', asked, reason };
}
