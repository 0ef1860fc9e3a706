/** What a person can change so that more of a room reaches this machine directly, the most useful first. Pure. */
import { endpointText } from '../../infra/path/table/addresses.ts';
import type { Advice, AdviceCode, Findings, Verdict } from './contract.ts';

export function adviceFor(verdict: Omit<Verdict, 'advice'>, findings: Findings): Advice[] {
  if (verdict.nat === 'blocked') return [say('allow-udp', ALLOW_UDP)];
  return [
    ...carrierNat(verdict, findings),
    ...forwardPort(verdict, findings),
    ...giveTurn(verdict, findings),
    ...giveServers(verdict, findings),
    ...checkServers(findings),
  ];
}

const ALLOW_UDP =
  'None of the servers answers over UDP: let the firewall of this machine or network allow outgoing UDP, or use another network. ' +
  'No member of any room can be talked with from here.';

function carrierNat({ outside, openAt }: Omit<Verdict, 'advice'>, { mapping }: Findings): Advice[] {
  if (mapping.kind !== 'mapped' || openAt.length > 0) return [];
  const seen = outside === null ? '' : `, and the internet sees ${outside}`;
  return [
    say(
      'carrier-nat',
      `Your router's own address, ${mapping.mapped.host}, is not public${seen}: the provider, or a second router, has a NAT too. ` +
        'Ask the provider for a public IPv4 address, or let the first router forward the port.',
    ),
  ];
}

function forwardPort({ nat, openAt }: Omit<Verdict, 'advice'>, { mapping }: Findings): Advice[] {
  if (nat === 'none' || openAt.length > 0 || mapping.kind === 'mapped') return [];
  const byHand =
    'forward a UDP port to this machine by hand and start the peer with --listen 0.0.0.0:PORT and --advertise YOUR-OUTSIDE-ADDRESS';
  if (mapping.kind === 'not-asked') return [say('forward-port', `Leave --no-port-mapping away, or ${byHand}.`)];
  const router = mapping.gateway === null ? 'the router' : `the router ${mapping.gateway}`;
  return [
    say('forward-port', `Switch on UPnP, NAT-PMP or PCP in ${router}, or ${byHand}: then everybody reaches you.`),
  ];
}

function giveTurn({ nat, openAt }: Omit<Verdict, 'advice'>, { turn }: Findings): Advice[] {
  if (nat !== 'symmetric' || openAt.length > 0 || turn?.kind === 'allocated') return [];
  return [
    say('give-turn', 'In a room without an open member, give --turn: that server then carries what no other way does.'),
  ];
}

function giveServers({ nat }: Omit<Verdict, 'advice'>, { stun }: Findings): Advice[] {
  if (nat !== 'unknown') return [];
  const which = stun.length === 0 ? 'two STUN servers' : 'one more STUN server';
  return [
    say(
      'give-servers',
      `To know what kind of NAT this is, name ${which} by --stun HOST:PORT. A call needs none where one member is open: ` +
        'members tell each other.',
    ),
  ];
}

function checkServers({ stun, turn, unresolved }: Findings): Advice[] {
  const failed = stun.flatMap(({ at, says }) => (says.kind === 'mapped' ? [] : [endpointText(at)]));
  return [
    ...unresolved.map((sentence) => say('check-server', `${capital(sentence)}.`)),
    ...(failed.length === 0 ? [] : [say('check-server', `Check host and port: ${failed.join(', ')} gave no address.`)]),
    ...(turn?.kind === 'failed' ? [say('check-turn', turn.failure.text)] : []),
  ];
}

function say(code: AdviceCode, text: string): Advice {
  return { code, text };
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
