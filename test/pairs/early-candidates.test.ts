/** Addresses of a member that come before its profile: they are kept, and wait for nothing but that. */
import test from 'ava';
import type { Candidate, Incoming } from '../../machines/messages.ts';
import { member } from '../machines/members.ts';
import { Room } from '../machines/room.ts';

const CANDIDATES: Candidate[] = [{ kind: 'host', host: '192.0.2.7', port: 5000 }];

test('the transport hears where a member is once it knows the member, not before', (t) => {
  const room = new Room({ delayMs: () => 1 });
  room.join(member('A'));
  room.run(100);
  const body = { generation: 1, candidates: CANDIDATES };
  const message: Incoming = { kind: 'pair.candidates', from: 'B', epoch: 2, seq: 1, body };
  room.send('A', { type: 'bus.message', message });
  room.run(100);
  const told = () => room.commandsOf('A').findIndex(({ type }) => type === 'transport.candidates');
  t.is(told(), -1, 'nobody of that name is here');
  room.join(member('B', { epoch: 2 }));
  room.run(100);
  const known = room
    .commandsOf('A')
    .findIndex(
      (command) => command.type === 'transport.table' && command.table.members.some(({ peer }) => peer === 'B'),
    );
  t.true(known >= 0);
  t.true(told() > known, `${told()} after ${known}`);
});
