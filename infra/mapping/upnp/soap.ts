/** Calls of a gateway's service (UPnP Device Architecture 1.1, section 3), and its answers. */
import type { MappingService } from './description.ts';
import { textOf } from './xml.ts';

export interface SoapCall {
  readonly service: MappingService;
  readonly action: string;
  /** In the order of the service's definition, which some gateways insist on. Names, numbers and addresses: nothing to be escaped. */
  readonly given: Readonly<Record<string, string | number>>;
}

export interface HttpRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Null: GET. */
  readonly body: string | null;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** Section 3.2.1. */
export function soapRequest({ service, action, given }: SoapCall): HttpRequest {
  const items = Object.entries(given).map(([name, value]) => `<${name}>${value}</${name}>`);
  const body =
    '<?xml version="1.0"?>\r\n' +
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ' +
    's:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>' +
    `<u:${action} xmlns:u="${service.type}">${items.join('')}</u:${action}></s:Body></s:Envelope>\r\n`;
  const headers = { 'Content-Type': 'text/xml; charset="utf-8"', SOAPAction: `"${service.type}#${action}"` };
  return { url: service.control, headers, body };
}

/** Codes of UPnP, of WANIPConnection:1 section 2.5 and :2 section 2.6; 0 for what is no UPnP error. */
export const SOAP_ERROR = {
  notAuthorized: 606,
  noSuchEntry: 714,
  conflict: 718,
  onlyPermanent: 725,
  noPortsLeft: 728,
  conflictElsewhere: 729,
} as const;

/** @returns the answer's XML, or the code of the error in it */
export function readSoapAnswer({ status, body }: HttpAnswer): string | number {
  if (status === 200) return body;
  const code = textOf(body, 'errorCode') ?? '';
  return /^\d{3}$/.test(code) ? Number(code) : 0;
}
