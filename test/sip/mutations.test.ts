import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test from 'ava';
import { StreamFraming } from '../../infra/sip/framing.ts';
import { readDescription } from '../../infra/sip/sdp/read.ts';
import { Random } from '../simulation/world/random.ts';
import { Rehearsal, requestText, SDP_OFFER } from './rehearsal.ts';
import { MALFORMED } from './torture/malformed.ts';
import { WELL_FORMED } from './torture/well-formed.ts';

/** Ten thousand at length; as many as a second has room for in the suite. */
const COUNT = Number(process.env.SIP_MUTATIONS ?? 2000);

/** Bytes in use, after all that can be let go is. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed;
}

const HALF = Math.floor(COUNT / 2);
/** Code that is compiled meanwhile: 136 kB at most, of 2,000 to 10,000 messages. A table that kept each would have 500 bytes of each. */
const MOST_GROWTH_BYTES = 300_000;

test('whatever becomes of messages on their way, nothing is thrown and nothing is kept', (t) => {
  const { next: random } = new Random(4475);
  const pick = (most: number) => Math.floor(random() * most);
  const texts = [...WELL_FORMED, ...MALFORMED].map(({ text }) => text);
  const seeds = [...texts, requestText('INVITE', { body: SDP_OFFER }), requestText('BYE')];
  const agent = new Rehearsal();
  let halfway = 0;
  for (let round = 0; round < COUNT; round++) {
    const bytes = Buffer.from(seeds[pick(seeds.length)] ?? '', 'latin1');
    for (let edits = 1 + pick(8); edits > 0; edits--) bytes[pick(bytes.length)] = pick(256);
    const cut = random() < 0.2 ? bytes.subarray(0, pick(bytes.length)) : bytes;
    // An assertion each would be kept, and with it the memory that is measured.
    agent.receive(cut.toString('latin1'));
    new StreamFraming().take(cut);
    readDescription(cut.toString('latin1').split('\r\n\r\n')[1] ?? '');
    agent.pass(20);
    for (const call of agent.calls.splice(0)) call.reject(486, agent.nowMs);
    for (const list of [agent.sent, agent.events]) list.length = 0;
    if (round === HALF) {
      agent.pass(200_000);
      halfway = heapBytes();
    }
  }
  agent.pass(200_000);
  const growth = heapBytes() - halfway;
  t.true(growth < MOST_GROWTH_BYTES, `${growth} bytes more than halfway`);
  t.is(agent.agent.counts.calls, 0);
  t.is(agent.agent.counts.transactions, 0);
});

test('a stream is cut where messages end, however it comes', (t) => {
  const text = requestText('INVITE', { body: SDP_OFFER });
  const framing = new StreamFraming();
  const bytes = Buffer.from(`\r\n\r\n${text}${text}`);
  const messages = [...bytes].flatMap((byte) => framing.take(Uint8Array.of(byte)) ?? []);
  t.deepEqual(
    messages.map((one) => Buffer.from(one).toString()),
    [text, text],
  );
  t.is(new StreamFraming().take(Buffer.from(text.replace(/Content-Length: \d+\r\n/, ''))), null);
});
