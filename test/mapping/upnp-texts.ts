/** What UPnP gateways write: as miniupnpd 2.3.1 does, shortened. */

export const WAN_IP = 'urn:schemas-upnp-org:service:WANIPConnection:2';

export function searchAnswer(location: string): Uint8Array {
  const lines = [
    'HTTP/1.1 200 OK',
    'CACHE-CONTROL: max-age=120',
    'ST: urn:schemas-upnp-org:device:InternetGatewayDevice:1',
    'USN: uuid:00000000-0000-0000-0000-000000000001::urn:schemas-upnp-org:device:InternetGatewayDevice:1',
    'EXT:',
    'SERVER: Debian/6.1 UPnP/1.1 MiniUPnPd/2.3.1',
    `LOCATION: ${location}`,
    'BOOTID.UPNP.ORG: 1795750034',
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
}

/** @param services each with its type and the address to call it at */
export function descriptionOf(services: readonly (readonly [type: string, controlUrl: string])[]): string {
  const items = services.map(
    ([type, control]) =>
      `<service><serviceType>${type}</serviceType><serviceId>urn:upnp-org:serviceId:1</serviceId>` +
      `<SCPDURL>/x.xml</SCPDURL><controlURL>${control}</controlURL><eventSubURL>/evt</eventSubURL></service>`,
  );
  return (
    '<?xml version="1.0"?>\n<root xmlns="urn:schemas-upnp-org:device-1-0"><device>' +
    '<deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:2</deviceType>' +
    `<serviceList>${items.join('')}</serviceList></device></root>`
  );
}

export function soapAnswer(values: Readonly<Record<string, string>>): { status: number; body: string } {
  const items = Object.entries(values).map(([name, value]) => `<${name}>${value}</${name}>`);
  return { status: 200, body: envelope(`<u:Response xmlns:u="${WAN_IP}">${items.join('')}</u:Response>`) };
}

export function fault(code: number): { status: number; body: string } {
  const detail = `<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>${code}</errorCode></UPnPError>`;
  return {
    status: 500,
    body: envelope(`<s:Fault><faultcode>s:Client</faultcode><detail>${detail}</detail></s:Fault>`),
  };
}

function envelope(body: string): string {
  return (
    '<?xml version="1.0"?>\r\n<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">' +
    `<s:Body>${body}</s:Body></s:Envelope>\r\n`
  );
}
