/** UPnP without sockets: what is searched for, what is believed, and how a device is called. */
import test from 'ava';
import { readServices } from '../../infra/mapping/upnp/description.ts';
import { InternetGateway } from '../../infra/mapping/upnp/igd.ts';
import { type HttpRequest, readSoapAnswer, soapRequest } from '../../infra/mapping/upnp/soap.ts';
import { readSearchAnswer, writeSearch } from '../../infra/mapping/upnp/ssdp.ts';
import { elementsOf, textOf } from '../../infra/mapping/upnp/xml.ts';
import { question, TARGET } from './questions.ts';
import { descriptionOf, fault, searchAnswer, soapAnswer, WAN_IP } from './upnp-texts.ts';

const GATEWAY = TARGET.gateway;
const LOCATION = new URL(`http://${GATEWAY}:45503/rootDesc.xml`);

const located = (location: string) => readSearchAnswer(searchAnswer(location), GATEWAY)?.href;

test('the search asks for gateways, and for answers within a second', (t) => {
  t.is(
    Buffer.from(writeSearch()).toString(),
    'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\n' +
      'ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n',
  );
});

test("the gateway's own description is read", (t) => {
  t.is(located(LOCATION.href), LOCATION.href);
});

test('an answer that points anywhere but at the gateway is nothing', (t) => {
  for (const elsewhere of [
    'http://192.168.1.3/rootDesc.xml',
    'http://example.org/rootDesc.xml',
    'http://192.168.1.1@192.168.1.3/',
    'http://user:secret@192.168.1.1/',
    'http://192.168.1.1.example.org/',
    'https://192.168.1.1/',
    'file:///etc/passwd',
    'http://[::1]/',
    `http://192.168.1.1/${'x'.repeat(600)}`,
    '/rootDesc.xml',
    '',
  ]) {
    t.is(located(elsewhere), undefined, elsewhere);
  }
});

test('what is no answer to a search is nothing', (t) => {
  const answer = Buffer.from(searchAnswer(LOCATION.href)).toString();
  const read = (text: string) => readSearchAnswer(Buffer.from(text), GATEWAY);
  t.is(read(answer.replace('200 OK', '404 Not Found')), null);
  t.is(read(`NOTIFY * HTTP/1.1\r\nLOCATION: ${LOCATION.href}\r\n\r\n`), null);
  t.is(read('HTTP/1.1 200 OK\r\n\r\n'), null);
  t.is(read(`${answer}${' '.repeat(2048)}`), null, 'longer than any');
});

test('elements are found by their whole names, and texts are unescaped', (t) => {
  const xml = '<serviceList><service a="b"> 1 &amp;&#60;&lt; </service><service>2</service></serviceList>';
  t.deepEqual(elementsOf(xml, 'service', 9), [' 1 &amp;&#60;&lt; ', '2']);
  t.deepEqual(elementsOf(xml, 'service', 1), [' 1 &amp;&#60;&lt; ']);
  t.is(textOf(xml, 'service'), '1 &&#60;<');
  t.is(textOf(xml, 'other'), null);
  t.is(textOf('<service>', 'service'), null);
  t.is(textOf('<service', 'service'), null);
});

test('of all services only those that map ports, on the gateway itself, are taken', (t) => {
  const services = readServices(
    descriptionOf([
      ['urn:schemas-upnp-org:service:WANCommonInterfaceConfig:1', '/ctl/CmnIfCfg'],
      ['urn:schemas-upnp-org:service:WANPPPConnection:1', 'http://192.168.1.3/ctl'],
      ['urn:schemas-upnp-org:service:WANPPPConnection:1', 'http://192.168.1.1:80/ctl?a=1&amp;b=2'],
      [WAN_IP, '/ctl/IPConn'],
      ['urn:schemas-upnp-org:service:WANIPConnection:1', 'relative'],
      ['urn:schemas-upnp-org:service:WANIPConnection:9', '/ctl/Future'],
      ['urn:schemas-upnp-org:service:WANIPConnection:1', ''],
    ]),
    LOCATION,
  );
  t.deepEqual(
    services.map(({ type, control }) => [type.slice('urn:schemas-upnp-org:service:'.length), control.href]),
    [
      ['WANPPPConnection:1', 'http://192.168.1.1/ctl?a=1&b=2'],
      ['WANIPConnection:2', 'http://192.168.1.1:45503/ctl/IPConn'],
      ['WANIPConnection:1', 'http://192.168.1.1:45503/relative'],
    ],
  );
});

test('addresses are relative to the base that a description names, if that is the gateway', (t) => {
  const based = (base: string) =>
    readServices(`<URLBase>${base}</URLBase>${descriptionOf([[WAN_IP, 'ctl']])}`, LOCATION)[0]?.control.href;
  t.is(based('http://192.168.1.1:80/upnp/'), 'http://192.168.1.1/upnp/ctl');
  t.is(based('http://192.168.1.3:80/upnp/'), 'http://192.168.1.1:45503/ctl');
});

test('a description of a thousand services costs no more than its length', (t) => {
  const many = Array.from({ length: 1000 }, (): [string, string] => [WAN_IP, '/ctl']);
  t.is(readServices(descriptionOf(many), LOCATION).length, 4);
});

test('a call names its action, and gives what is to be given in order', (t) => {
  const service = { type: WAN_IP, control: new URL('http://192.168.1.1/ctl') };
  const { headers, body } = soapRequest({ service, action: 'DeletePortMapping', given: { B: 'x', A: 1 } });
  t.is(headers.SOAPAction, `"${WAN_IP}#DeletePortMapping"`);
  t.regex(body ?? '', /<u:DeletePortMapping xmlns:u="[^"]+"><B>x<\/B><A>1<\/A><\/u:DeletePortMapping>/);
});

test('an error is its code, and what has none is 0', (t) => {
  t.is(readSoapAnswer(fault(718)), 718);
  t.is(readSoapAnswer({ status: 500, body: 'no' }), 0);
  t.is(readSoapAnswer({ status: 500, body: '<errorCode>1e9</errorCode>' }), 0);
});

/** A device that answers each action as told, and keeps the bodies of its calls. */
async function device(answers: Record<string, (body: string) => { status: number; body: string } | null>) {
  const calls: string[] = [];
  const ask = async ({ body, headers }: HttpRequest) => {
    if (body === null) return { status: 200, body: descriptionOf([[WAN_IP, '/ctl/IPConn']]) };
    const action = /#(\w+)"/.exec(headers.SOAPAction ?? '')?.[1] ?? '';
    calls.push(action);
    return answers[action]?.(body) ?? null;
  };
  const gateway = await InternetGateway.find(LOCATION, TARGET, ask);
  return { gateway, calls };
}

const OUTSIDE = () => soapAnswer({ NewExternalIPAddress: '20.0.0.1' });
const portOf = (body: string) => Number(textOf(body, 'NewExternalPort'));

test('a device is asked for a mapping to us, and for its outside address', async (t) => {
  let asked = '';
  const { gateway } = await device({
    GetExternalIPAddress: OUTSIDE,
    AddPortMapping: (body) => {
      asked = body;
      return soapAnswer({});
    },
  });
  t.deepEqual(await gateway?.answer(question('map', 'UPnP')), {
    ...{ type: 'mapped', method: 'UPnP', epochS: null, host: '20.0.0.1', port: 5000, lifetimeS: 3600 },
  });
  t.regex(asked, /<NewRemoteHost><\/NewRemoteHost><NewExternalPort>5000<.*<NewProtocol>UDP<.*<NewInternalPort>5000</);
  t.regex(asked, /<NewInternalClient>192\.168\.1\.2<.*<NewEnabled>1<.*<NewLeaseDuration>3600</);
});

test('a port that somebody else has is passed over, eight times at most', async (t) => {
  const taken = (free: number) => ({
    GetExternalIPAddress: OUTSIDE,
    AddPortMapping: (body: string) => (portOf(body) < free ? fault(718) : soapAnswer({})),
  });
  const some = await device(taken(5003));
  t.like(await some.gateway?.answer(question('map', 'UPnP')), { type: 'mapped', port: 5003 });
  const all = await device(taken(9000));
  t.like(await all.gateway?.answer(question('map', 'UPnP')), { type: 'refused', asked: 'map', reason: 'taken' });
  t.is(all.calls.filter((action) => action === 'AddPortMapping').length, 8);
});

test('a device that keeps mappings for ever is taken at that', async (t) => {
  const { gateway } = await device({
    GetExternalIPAddress: OUTSIDE,
    AddPortMapping: (body) => (textOf(body, 'NewLeaseDuration') === '0' ? soapAnswer({}) : fault(725)),
  });
  t.like(await gateway?.answer(question('map', 'UPnP')), { type: 'mapped', lifetimeS: 86_400 });
});

test('a device that wants neither a lease nor none is refused, not asked for ever', async (t) => {
  const { gateway, calls } = await device({ GetExternalIPAddress: OUTSIDE, AddPortMapping: () => fault(725) });
  t.like(await gateway?.answer(question('map', 'UPnP')), { type: 'refused', reason: 'failed' });
  t.is(calls.filter((action) => action === 'AddPortMapping').length, 2);
});

test('a refusal says why', async (t) => {
  const { gateway } = await device({ GetExternalIPAddress: OUTSIDE, AddPortMapping: () => fault(606) });
  t.like(await gateway?.answer(question('map', 'UPnP')), { type: 'refused', asked: 'map', reason: 'forbidden' });
});

test('a device without a line in use is none', async (t) => {
  for (const host of ['', '0.0.0.0', 'router.local', '::1', '<b>']) {
    const { gateway } = await device({ GetExternalIPAddress: () => soapAnswer({ NewExternalIPAddress: host }) });
    t.is(gateway, null, host);
  }
});

test('a look finds the mapping as it is, gone, or somebody else in its place', async (t) => {
  const entry = (client: string) => () => soapAnswer({ NewInternalPort: '5000', NewInternalClient: client });
  const looked = async (look: () => { status: number; body: string }) => {
    const { gateway } = await device({ GetExternalIPAddress: OUTSIDE, GetSpecificPortMappingEntry: look });
    return gateway?.answer(question('look', 'UPnP'));
  };
  t.like(await looked(entry('192.168.1.2')), { type: 'there', host: '20.0.0.1' });
  t.like(await looked(entry('192.168.1.9')), { type: 'gone' });
  t.like(await looked(() => fault(714)), { type: 'gone' });
});

test('a mapping is taken away', async (t) => {
  const { gateway } = await device({ GetExternalIPAddress: OUTSIDE, DeletePortMapping: () => soapAnswer({}) });
  t.deepEqual(await gateway?.answer(question('unmap', 'UPnP')), { type: 'unmapped', method: 'UPnP' });
});
