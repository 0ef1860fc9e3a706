/** Home routers as RFC 4787 sorts them: how they choose an outside port, and whose packets they let in. */
import type { Endpoint } from '../../infra/path/contract.ts';

/** `open`: one outside port, for everybody. `restricted`: one, but only for who was sent to. `symmetric`: another for each receiver. */
export type RouterKind = 'open' | 'restricted' | 'symmetric';

interface Mapping {
  readonly inner: Endpoint;
  readonly port: number;
  /** Whom has been sent to through it. */
  readonly sentTo: Set<string>;
}

export class Router {
  readonly host: string;
  readonly #kind: RouterKind;
  readonly #mappings = new Map<string, Mapping>();
  #lastPort = 40_000;

  constructor(host: string, kind: RouterKind) {
    this.host = host;
    this.#kind = kind;
  }

  /** As whom a packet from inside leaves. */
  out(inner: Endpoint, to: Endpoint): Endpoint {
    const key = this.#kind === 'symmetric' ? `${placeText(inner)} ${placeText(to)}` : placeText(inner);
    const mapping = this.#mappings.get(key) ?? { inner, port: ++this.#lastPort, sentTo: new Set() };
    this.#mappings.set(key, mapping);
    mapping.sentTo.add(placeText(to));
    return { host: this.host, port: mapping.port };
  }

  /** To whom inside a packet from outside goes; undefined: to nobody. */
  in(port: number, from: Endpoint): Endpoint | undefined {
    const mapping = [...this.#mappings.values()].find((each) => each.port === port);
    if (mapping === undefined) return undefined;
    return this.#kind === 'open' || mapping.sentTo.has(placeText(from)) ? mapping.inner : undefined;
  }

  /** As after a power cut. */
  forget(): void {
    this.#mappings.clear();
  }
}

/** A TURN channel is none of a router's business. */
function placeText({ host, port }: Endpoint): string {
  return `${host} ${port}`;
}
