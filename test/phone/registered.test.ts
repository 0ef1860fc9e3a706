/** A gateway that a registrar knows, over real sockets. */
import test, { type ExecutionContext } from 'ava';
import { Registrar, startRegistrar } from '../sip/registrar.ts';
import { HOST, openGateway } from './gateways.ts';

async function open(t: ExecutionContext) {
  const registrar = new Registrar({ password: 'secret', grantedS: 60 });
  const server = await startRegistrar(HOST, registrar);
  t.teardown(server.close);
  const as = `sip:rpr@${HOST}:${server.port}`;
  const gateway = (password: string) =>
    openGateway(['--room', 'main', '--register', as, '--sip-password', password], (text) => t.log(text));
  return { registrar, as, gateway };
}

test('who dials its name there is sent to the room, until it leaves', async (t) => {
  const { registrar, as, gateway } = await open(t);
  const opened = await gateway('secret');
  t.is(registrar.contacts.get(as), `<sip:main@${HOST}:${opened.port}>`);
  await opened.close();
  t.is(registrar.contacts.size, 0);
});

test('where it is not taken it says why, and where to look', async (t) => {
  const { gateway } = await open(t);
  await t.throwsAsync(gateway('guess'), { code: 'phone.register', message: /401 Unauthorized.*--sip-password/ });
});
