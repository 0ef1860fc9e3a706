/** Registering (RFC 3261 section 10.2) on a virtual clock. */
import test from 'ava';
import { headerOf, type SipRequest } from '../../infra/sip/message.ts';
import { writeMessage } from '../../infra/sip/write.ts';
import { Registrar, type RegistrarOptions } from './registrar.ts';
import { answerText, PHONE, Rehearsal } from './rehearsal.ts';

const AS = 'sip:rpr@192.0.2.7';

function start(options: Partial<RegistrarOptions> = {}, password = 'secret') {
  const agent = new Rehearsal();
  const registrar = new Registrar({ password: 'secret', grantedS: 60, ...options });
  const events: string[] = [];
  const registration = agent.agent.registration({
    ...{ as: AS, flow: PHONE, credentials: { user: 'rpr', password }, contact: 'main' },
    onRegistered: (seconds) => events.push(`known for ${seconds} s`),
    onFailed: (reason) => events.push(reason),
  });
  /** Lets the registrar answer all that has been sent, until nothing is. @returns how many requests that took */
  const settle = () => {
    let count = 0;
    for (let request = agent.sent.shift(); request !== undefined; request = agent.sent.shift()) {
      if (request.kind !== 'request') continue;
      count++;
      agent.receive(Buffer.from(writeMessage(registrar.answer(request))).toString('latin1'));
    }
    return count;
  };
  return { agent, registrar, registration, events, settle };
}

test('a registrar learns where we are, is asked once for each count of its nonce, and forgets us at the end', (t) => {
  const { agent, registrar, registration, events, settle } = start();
  registration.start(0);
  t.is(settle(), 2);
  t.deepEqual(events, ['known for 60 s']);
  t.is(registrar.contacts.get(AS), '<sip:main@192.0.2.1:5060>');
  // A third of the time is left.
  t.deepEqual(agent.pass(39_000), []);
  agent.pass(1000);
  t.is(settle(), 1);
  registrar.renew();
  agent.pass(40_000);
  t.is(settle(), 2);
  t.deepEqual(registrar.counts, [1, 2, 1]);
  t.deepEqual(events, ['known for 60 s', 'known for 60 s', 'known for 60 s']);
  let isGone = false;
  registration.stop(agent.nowMs, () => {
    isGone = true;
  });
  settle();
  t.true(isGone);
  t.is(registrar.contacts.size, 0);
  t.deepEqual(agent.pass(200_000), []);
  t.is(agent.agent.counts.transactions, 0);
});

test('a wrong password is said, and tried again but seldom', (t) => {
  const { agent, registration, events, settle } = start({}, 'guess');
  registration.start(0);
  t.is(settle(), 2);
  t.deepEqual(events, ['401 Unauthorized']);
  agent.pass(1900);
  t.is(settle(), 0);
  for (let count = 0; count < 20; count++) {
    agent.pass(30_000);
    settle();
  }
  t.true(events.length < 16, `${events.length}`);
});

test('who asks for too short a time asks for as long as the registrar wants', (t) => {
  const { registration, events, settle } = start({ leastS: 1800, grantedS: 1800 });
  registration.start(0);
  t.is(settle(), 3);
  t.deepEqual(events, ['known for 1800 s']);
});

test('a registrar that does not answer, or answers nonsense, is tried again', (t) => {
  const { agent, registration, events, settle } = start();
  registration.start(0);
  agent.pass(32_000);
  t.deepEqual(events, ['no answer']);
  agent.sent.length = 0;
  agent.pass(2000);
  const [request] = agent.sent.splice(0) as SipRequest[];
  if (request === undefined) return t.fail();
  agent.receive(answerText(request, 423, { headers: ['Min-Expires: 99999999999'] }));
  t.is(events.at(-1), '423 Some Reason');
  agent.pass(4000);
  settle();
  t.is(events.at(-1), 'known for 60 s');
});

test('a registrar is left that has never known us', (t) => {
  const { agent, registration } = start();
  registration.start(0);
  let isGone = false;
  registration.stop(0, () => {
    isGone = true;
  });
  t.true(isGone);
  t.is(headerOf(agent.sent[0] ?? (t.fail() as never), 'expires'), '600');
  // What was on its way fails by itself, and nothing follows.
  agent.pass(40_000);
  agent.sent.length = 0;
  t.deepEqual(agent.pass(200_000), []);
});
