/** Several peers behind one router want the same outside port by UPnP: each gets one of its own, and is told that one. */
import test from 'ava';
import type { MappingAnswer } from '../../infra/mapping/contract.ts';
import { InternetGateway } from '../../infra/mapping/upnp/igd.ts';
import type { HttpAnswer, HttpRequest } from '../../infra/mapping/upnp/soap.ts';
import { textOf } from '../../infra/mapping/upnp/xml.ts';
import { question } from './questions.ts';
import { descriptionOf, fault, soapAnswer, WAN_IP } from './upnp-texts.ts';

const ROUTER = '192.168.1.1';
const LOCATION = new URL(`http://${ROUTER}:5000/rootDesc.xml`);

/** A router with a table of its mappings. A careless one gives a port to whoever asked last, and takes away what anybody names. */
class SharedRouter {
  /** By outside port: the machine and its port. */
  readonly table = new Map<number, string>();
  readonly #isCareless: boolean;

  constructor({ isCareless }: { readonly isCareless: boolean }) {
    this.#isCareless = isCareless;
  }

  /** A peer that has found this router. */
  async peer(host: string, port: number) {
    const target = { own: { host, port }, gateway: ROUTER };
    const gateway = await InternetGateway.find(LOCATION, target, async (request) => this.#answer(request));
    const asked = (ask: 'map' | 'look' | 'unmap', outsidePort: number): Promise<MappingAnswer> | undefined =>
      gateway?.answer({ ...question(ask, 'UPnP'), outside: { host: null, port: outsidePort } });
    return { asked };
  }

  #answer({ body, headers }: HttpRequest): HttpAnswer {
    if (body === null) return { status: 200, body: descriptionOf([[WAN_IP, '/ctl']]) };
    const port = Number(textOf(body, 'NewExternalPort'));
    const owner = this.table.get(port);
    switch (/#(\w+)"/.exec(headers.SOAPAction ?? '')?.[1]) {
      case 'GetExternalIPAddress':
        return soapAnswer({ NewExternalIPAddress: '20.0.0.1' });
      case 'GetSpecificPortMappingEntry': {
        const [client = '', internalPort = ''] = owner?.split(':') ?? [];
        if (owner === undefined) return fault(714);
        return soapAnswer({ NewInternalPort: internalPort, NewInternalClient: client });
      }
      case 'AddPortMapping': {
        const asking = `${textOf(body, 'NewInternalClient')}:${textOf(body, 'NewInternalPort')}`;
        if (!this.#isCareless && owner !== undefined && owner !== asking) return fault(718);
        this.table.set(port, asking);
        return soapAnswer({});
      }
      default:
        this.table.delete(port);
        return soapAnswer({});
    }
  }
}

for (const isCareless of [false, true]) {
  const kind = isCareless ? 'a careless router' : 'a router';

  test(`behind ${kind} each of three peers gets its own port, and keeps it`, async (t) => {
    const router = new SharedRouter({ isCareless });
    const peers = [
      await router.peer('192.168.1.2', 5000),
      await router.peer('192.168.1.3', 5000),
      await router.peer('192.168.1.3', 5001),
    ];
    const told: number[] = [];
    for (const peer of peers) {
      const answer = await peer.asked('map', 5000);
      if (answer?.type === 'mapped') told.push(answer.port);
    }
    t.deepEqual(told, [5000, 5001, 5002]);
    t.deepEqual(
      [...router.table],
      [
        [5000, '192.168.1.2:5000'],
        [5001, '192.168.1.3:5000'],
        [5002, '192.168.1.3:5001'],
      ],
    );
    for (const [index, peer] of peers.entries()) {
      t.like(await peer.asked('look', told[index] ?? 0), { type: 'there' });
      t.like(await peer.asked('map', told[index] ?? 0), { type: 'mapped', port: told[index] });
    }
    t.is(router.table.size, 3);
  });

  test(`behind ${kind} nobody takes away the port of somebody else`, async (t) => {
    const router = new SharedRouter({ isCareless });
    const [a, b] = [await router.peer('192.168.1.2', 5000), await router.peer('192.168.1.3', 5000)];
    await a.asked('map', 5000);
    t.like(await b.asked('look', 5000), { type: 'gone' });
    t.like(await b.asked('unmap', 5000), { type: 'unmapped' });
    t.deepEqual([...router.table.values()], ['192.168.1.2:5000']);
    t.like(await a.asked('unmap', 5000), { type: 'unmapped' });
    t.is(router.table.size, 0);
  });
}
