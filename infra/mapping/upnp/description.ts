/** What a gateway says of itself: which of its services maps ports, and where to call it (UPnP Device Architecture 1.1, section 2.3). */
import { gatewayUrl } from './ssdp.ts';
import { elementsOf, textOf } from './xml.ts';

/** A service that maps ports. */
export interface MappingService {
  readonly type: string;
  /** On the gateway itself. */
  readonly control: URL;
}

/** Of a gateway; real ones have a dozen. */
const MAX_SERVICES = 64;
/** A gateway may have a line of each kind, of which one is in use. */
const MAX_MAPPING_SERVICES = 4;
const MAPPING_SERVICE = /^urn:schemas-upnp-org:service:WAN(?:IP|PPP)Connection:[12]$/;

/** @param location where the description was read, which is where relative addresses begin */
export function readServices(xml: string, location: URL): MappingService[] {
  const base = gatewayUrl(textOf(xml, 'URLBase') ?? '', location.hostname) ?? location;
  return elementsOf(xml, 'service', MAX_SERVICES)
    .flatMap((service) => {
      const type = textOf(service, 'serviceType') ?? '';
      const control = gatewayUrl(textOf(service, 'controlURL') ?? '', location.hostname, base);
      return control !== null && MAPPING_SERVICE.test(type) ? [{ type, control }] : [];
    })
    .slice(0, MAX_MAPPING_SERVICES);
}
