/** What is made of the findings about a network: its NAT, who reaches it how, and what would help. */
import test from 'ava';
import type { Findings, StunFinding } from '../../../actors/reach-report/contract.ts';
import { judge } from '../../../actors/reach-report/judge.ts';
import { reportText } from '../../../actors/reach-report/report-text.ts';

const HOME = { host: '192.168.1.2', scope: 'private' } as const;
const OUTSIDE = '203.0.113.7';
const RELAYED = { host: '198.51.100.1', port: 50_000 };

const seenAs = (server: number, port: number, host = OUTSIDE): StunFinding => ({
  at: { host: `198.51.100.${server}`, port: 3478 },
  says: { kind: 'mapped', address: { host, port }, tookMs: 41.2 },
});
const silent = (server: number): StunFinding => ({
  at: { host: `198.51.100.${server}`, port: 3478 },
  says: { kind: 'silent' },
});

/** A laptop at home, whose router maps nothing. */
const found = (changes: Partial<Findings> = {}): Findings => ({
  ...{ bound: { host: '0.0.0.0', port: 5000 }, addresses: [HOME], stun: [], turn: null, unresolved: [], tookMs: 100 },
  mapping: { kind: 'none', gateway: '192.168.1.1', refusals: [] },
  ...changes,
});
const codesOf = (findings: Findings) => judge(findings).advice.map(({ code }) => code);

test('two servers that see one address: most home routers, which a symmetric one refuses', (t) => {
  const verdict = judge(found({ stun: [seenAs(1, 5000), seenAs(2, 5000)] }));
  t.like(verdict, { nat: 'cone', outside: OUTSIDE, openAt: [] });
  t.deepEqual(verdict.reaches, { open: 'direct', cone: 'direct', symmetric: 'relay', blocked: 'never' });
  t.deepEqual(
    verdict.advice.map(({ code }) => code),
    ['forward-port'],
  );
  t.regex(verdict.advice[0]?.text ?? '', /UPnP, NAT-PMP or PCP in the router 192\.168\.1\.1/);
});

test('two servers that see two ports: symmetric, and only the open reach it', (t) => {
  const findings = found({ stun: [seenAs(1, 5001), seenAs(2, 5002)] });
  const verdict = judge(findings);
  t.is(verdict.nat, 'symmetric');
  t.deepEqual(verdict.reaches, { open: 'direct', cone: 'relay', symmetric: 'relay', blocked: 'never' });
  t.deepEqual(codesOf(findings), ['forward-port', 'give-turn']);
});

test('a TURN server carries what else needs an open member, and is one more to see us', (t) => {
  const turn = { kind: 'allocated', relayed: [RELAYED], mapped: { host: OUTSIDE, port: 5002 }, tookMs: 80 } as const;
  const findings = found({ stun: [seenAs(1, 5001)], turn });
  t.is(judge(findings).nat, 'symmetric');
  t.deepEqual(judge(findings).reaches, { open: 'direct', cone: 'turn', symmetric: 'turn', blocked: 'never' });
  t.deepEqual(codesOf(findings), ['forward-port']);
});

test('a mapped port opens even a symmetric NAT', (t) => {
  const mapped = { host: OUTSIDE, port: 5000, by: 'PCP', scope: 'public' } as const;
  const findings = found({
    ...{ stun: [seenAs(1, 5001), seenAs(2, 5002)], mapping: { kind: 'mapped', mapped, tookMs: 34 } },
  });
  t.like(judge(findings), { nat: 'symmetric', openAt: [{ host: OUTSIDE, port: 5000 }], advice: [] });
  t.is(judge(findings).reaches.symmetric, 'direct');
  t.regex(reportText(findings, judge(findings)), /203\.0\.113\.7:5000 to our media port \(PCP\), after 34 ms/);
});

test('a port mapped to an address that is not public is the provider’s NAT', (t) => {
  const mapped = { host: '100.64.3.4', port: 5000, by: 'UPnP', scope: 'private' } as const;
  const findings = found({
    ...{ stun: [seenAs(1, 5000), seenAs(2, 5000)], mapping: { kind: 'mapped', mapped, tookMs: 34 } },
  });
  t.deepEqual(judge(findings).openAt, []);
  t.deepEqual(codesOf(findings), ['carrier-nat']);
});

test('a public address needs nothing', (t) => {
  const findings = found({
    ...{ addresses: [{ host: OUTSIDE, scope: 'public' }], mapping: { kind: 'none', gateway: null, refusals: [] } },
  });
  t.like(judge(findings), { nat: 'none', outside: OUTSIDE, advice: [] });
  t.is(judge(findings).reaches.symmetric, 'direct');
});

test('without servers the kind is not known, and it is said who tells the rest', (t) => {
  const verdict = judge(found());
  t.like(verdict, { nat: 'unknown', outside: null });
  t.deepEqual(verdict.reaches, { open: 'direct', cone: 'ask', symmetric: 'ask', blocked: 'never' });
  t.deepEqual(codesOf(found()), ['forward-port', 'give-servers']);
  t.regex(
    reportText(found(), verdict),
    /none given \(--stun, --turn\): the members of a room tell each other the rest/,
  );
  t.deepEqual(codesOf(found({ mapping: { kind: 'not-asked' } })), ['forward-port', 'give-servers']);
});

test('a server in our own network says nothing of the NAT', (t) => {
  const at = { host: '192.168.1.9', port: 3478 };
  const says = { kind: 'mapped', address: { host: HOME.host, port: 5000 }, tookMs: 0.4 } as const;
  t.is(judge(found({ stun: [{ at, says }] })).nat, 'unknown');
});

test('UDP is blocked where two are silent and nobody answers', (t) => {
  const findings = found({ stun: [silent(1), silent(2)] });
  const verdict = judge(findings);
  t.is(verdict.nat, 'blocked');
  t.deepEqual(new Set(Object.values(verdict.reaches)), new Set(['never']));
  t.deepEqual(codesOf(findings), ['allow-udp']);
  t.is(judge(found({ stun: [silent(1), seenAs(2, 5000)] })).nat, 'unknown');
  t.is(judge(found({ stun: [silent(1)] })).nat, 'unknown');
});

test('a server that gives nothing is named', (t) => {
  const failure = { code: 'turn.unauthorized', text: 'The TURN server refuses the user.' } as const;
  const findings = found({
    ...{ stun: [silent(1), seenAs(2, 5000)], turn: { kind: 'failed', failure }, unresolved: ['no address is known'] },
  });
  t.deepEqual(codesOf(findings), ['forward-port', 'give-servers', 'check-server', 'check-server', 'check-turn']);
  t.regex(reportText(findings, judge(findings)), /STUN 198\.51\.100\.1:3478: does not answer/);
});
