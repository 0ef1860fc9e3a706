import test from 'ava';
import {
  type LookUp,
  type ServerAddresses,
  type ServerNameNews,
  serverAddresses,
  serverNameSentence,
} from '../../../actors/reach/turn/server-names.ts';

const NAMES: Readonly<Record<string, readonly string[]>> = {
  'both.example': ['2001:DB8:0::9', '192.0.2.9', '192.0.2.10', '2001:db8::10'],
  'six.example': ['fe80::1%eth0', '::', '2001:db8::6'],
  'mapped.example': ['::ffff:192.0.2.7'],
  'nobody.example': ['0.0.0.0'],
};

interface Resolved extends ServerAddresses {
  readonly said: readonly ServerNameNews[];
  readonly asked: readonly string[];
}

async function resolve(stun: readonly string[], turn: string | null = null): Promise<Resolved> {
  const said: ServerNameNews[] = [];
  const asked: string[] = [];
  const lookUp: LookUp = (name) => {
    asked.push(name);
    const addresses = NAMES[name];
    if (addresses !== undefined) return Promise.resolve(addresses.map((address) => ({ address })));
    const code = name === 'cut-off.example' ? 'EAI_AGAIN' : 'ENOTFOUND';
    return Promise.reject(Object.assign(new Error(code), { code }));
  };
  const servers = {
    stun: stun.map((host) => ({ host, port: 3478 })),
    turn: turn === null ? null : { server: { host: turn, port: 3478 }, username: 'anna', password: 'secret' },
  };
  return { ...(await serverAddresses(servers, (news) => said.push(news), lookUp)), said, asked };
}

const at3478 = (...hosts: readonly string[]) => hosts.map((host) => ({ host, port: 3478 }));

test('a name stands for its first IPv4 and its first IPv6 address, in their one form', async (t) => {
  const { stun, turn, said } = await resolve(['both.example', 'six.example'], 'mapped.example');
  t.deepEqual(stun, at3478('192.0.2.9', '2001:db8::9', '2001:db8::6'));
  t.deepEqual(turn, at3478('192.0.2.7'));
  t.deepEqual(said, []);
});

test('a number is asked of nobody', async (t) => {
  const { stun, turn, asked } = await resolve(['192.0.2.1', '2001:db8::1']);
  t.deepEqual(stun, at3478('192.0.2.1', '2001:db8::1'));
  t.deepEqual(turn, []);
  t.deepEqual(asked, []);
});

test('two names of one server are one server', async (t) => {
  t.deepEqual((await resolve(['mapped.example', '192.0.2.7'])).stun, at3478('192.0.2.7'));
});

test('a name that leads nowhere is said once, and the others count', async (t) => {
  const { stun, turn, said } = await resolve(['typo.example', 'mapped.example', 'nobody.example'], 'cut-off.example');
  t.deepEqual(stun, at3478('192.0.2.7'));
  t.deepEqual(turn, []);
  t.deepEqual(said.map(({ option, host, reason }) => [option, host, reason]).sort(), [
    ['--stun', 'nobody.example', 'unknown'],
    ['--stun', 'typo.example', 'unknown'],
    ['--turn', 'cut-off.example', 'unanswered'],
  ]);
});

test('the sentences name what to do', (t) => {
  const news = { type: 'server.unresolved', option: '--stun', host: 'typo.example' } as const;
  t.regex(serverNameSentence({ ...news, reason: 'unknown' }), /typo\.example.*check the name in --stun/);
  t.regex(serverNameSentence({ ...news, reason: 'unanswered' }), /typo\.example.*is this machine connected/);
});
