import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { type EnsureOptions, ensureProgram } from '../../infra/setup/program.ts';

/** A machine of fake programs: shell scripts in a folder that is all of its PATH. `$BIN` is that folder. */
class FakeMachine implements AsyncDisposable {
  readonly said: string[] = [];
  readonly #root: string;
  readonly #isRoot: boolean;

  private constructor(root: string, isRoot: boolean) {
    this.#root = root;
    this.#isRoot = isRoot;
  }

  static async with(programs: Readonly<Record<string, string>>, isRoot = true): Promise<FakeMachine> {
    const machine = new FakeMachine(await mkdtemp(join(tmpdir(), 'rpr-machine-')), isRoot);
    await mkdir(machine.bin);
    await writeFile(machine.#log, '');
    // Every machine has `env`; the installer names its settings with it.
    await machine.add('env', 'exec /usr/bin/env "$@"');
    for (const [name, script] of Object.entries(programs)) await machine.add(name, script);
    return machine;
  }

  get bin(): string {
    return join(this.#root, 'bin');
  }

  get #log(): string {
    return join(this.#root, 'log');
  }

  get options(): EnsureOptions {
    return {
      env: { PATH: this.bin, BIN: this.bin, LOG: this.#log, ROOT: this.#root },
      folders: [],
      isRoot: this.#isRoot,
      say: (line) => this.said.push(line),
    };
  }

  async add(name: string, script: string): Promise<void> {
    const path = join(this.bin, name);
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o755);
  }

  /** The command lines that package managers were called with. */
  async calls(): Promise<string[]> {
    return (await readFile(this.#log, 'utf8')).split('\n').filter((line) => line !== '');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#root, { recursive: true, force: true });
  }
}

const LOG_CALL = 'echo "$(/usr/bin/basename "$0") $*" >> "$LOG"';
const PUT_SERVER = '/bin/cp "$BIN/env" "$BIN/nats-server"';
/** A package manager that installs nats-server, whatever it is asked. */
const INSTALLS = `${LOG_CALL}\n${PUT_SERVER}`;
const MISSING = { code: 'setup.programMissing' };

test('a program on PATH is taken, and nothing is installed', async (t) => {
  await using machine = await FakeMachine.with({ 'nats-server': '', 'apt-get': INSTALLS });
  t.is(await ensureProgram('nats-server', machine.options), join(machine.bin, 'nats-server'));
  t.deepEqual(await machine.calls(), []);
  t.deepEqual(machine.said, []);
});

test('a program outside PATH is found where systems put such programs', async (t) => {
  await using machine = await FakeMachine.with({ 'nats-server': '' });
  const options = { ...machine.options, env: { PATH: '' }, folders: [machine.bin] };
  t.is(await ensureProgram('nats-server', options), join(machine.bin, 'nats-server'));
});

for (const [manager, calls] of Object.entries({
  'apt-get': ['apt-get -q update', 'apt-get -q -y --no-install-recommends install nats-server'],
  dnf: ['dnf -q -y install nats-server'],
  apk: ['apk --no-cache add nats-server'],
  pacman: ['pacman -Sy --noconfirm --needed nats-server'],
})) {
  test(`root installs with ${manager}`, async (t) => {
    await using machine = await FakeMachine.with({ [manager]: INSTALLS });
    t.is(await ensureProgram('nats-server', machine.options), join(machine.bin, 'nats-server'));
    t.deepEqual(await machine.calls(), calls);
    t.regex(machine.said.join('\n'), new RegExp(`installing it with ${manager}`));
  });
}

test("Debian's package leaves no server enabled at boot, whether root installs it or sudo does", async (t) => {
  const tools = { 'apt-get': INSTALLS, 'deb-systemd-helper': LOG_CALL };
  await using asRoot = await FakeMachine.with(tools);
  await ensureProgram('nats-server', asRoot.options);
  t.is((await asRoot.calls()).at(-1), 'deb-systemd-helper disable nats-server.service');
  await using asUser = await FakeMachine.with({ ...tools, sudo: 'shift; exec "$@"', true: '' }, false);
  await ensureProgram('nats-server', asUser.options);
  t.is((await asUser.calls()).at(-1), 'deb-systemd-helper disable nats-server.service');
});

test('a service is left as it is when the server was there before, or nothing was installed', async (t) => {
  await using before = await FakeMachine.with({ 'nats-server': '', 'deb-systemd-helper': LOG_CALL });
  await ensureProgram('nats-server', before.options);
  t.deepEqual(await before.calls(), []);
  await using failing = await FakeMachine.with({ 'apt-get': 'exit 1', 'deb-systemd-helper': LOG_CALL });
  await t.throwsAsync(ensureProgram('nats-server', failing.options), MISSING);
  t.deepEqual(await failing.calls(), []);
});

test('a user who may install nothing is told of a download and of a server elsewhere', async (t) => {
  const says = /releases and put it on your PATH\..*--nats nats:\/\/HOST:4222/;
  await using locked = await FakeMachine.with({ sudo: 'exit 1', 'apt-get': INSTALLS }, false);
  await t.throwsAsync(ensureProgram('nats-server', locked.options), { ...MISSING, message: says });
  await using bare = await FakeMachine.with({}, false);
  await t.throwsAsync(ensureProgram('nats-server', bare.options), { ...MISSING, message: says });
});

test('what Debian calls otherwise is told by its name there', async (t) => {
  await using machine = await FakeMachine.with({ sudo: 'exit 1', 'apt-get': INSTALLS }, false);
  const says = /sudo apt-get -q -y --no-install-recommends install baresip-core`/;
  await t.throwsAsync(ensureProgram('baresip', machine.options), { ...MISSING, message: says });
});

test('brew installs for a user, and is not run as root', async (t) => {
  await using asUser = await FakeMachine.with({ brew: INSTALLS }, false);
  await ensureProgram('nats-server', asUser.options);
  t.deepEqual(await asUser.calls(), ['brew install --quiet nats-server']);
  await using asRoot = await FakeMachine.with({ brew: INSTALLS });
  await t.throwsAsync(ensureProgram('nats-server', asRoot.options), {
    ...MISSING,
    message: /brew does not run as root/,
  });
  t.deepEqual(await asRoot.calls(), []);
});

test('a user installs through sudo if it asks no question', async (t) => {
  await using machine = await FakeMachine.with(
    { sudo: `shift; ${LOG_CALL}; exec "$@"`, true: '', dnf: INSTALLS },
    false,
  );
  await ensureProgram('nats-server', machine.options);
  t.is((await machine.calls()).at(-1), 'dnf -q -y install nats-server');
});

test('a user whose sudo wants a password is told what to type', async (t) => {
  await using machine = await FakeMachine.with({ sudo: 'exit 1', 'apt-get': INSTALLS }, false);
  await t.throwsAsync(ensureProgram('ffmpeg', machine.options), {
    ...MISSING,
    message: /Type: `sudo apt-get -q update && sudo apt-get -q -y --no-install-recommends install ffmpeg`/,
  });
  t.deepEqual(await machine.calls(), []);
});

test('without a package manager the place to download from is named', async (t) => {
  await using machine = await FakeMachine.with({});
  await t.throwsAsync(ensureProgram('nats-server', machine.options), {
    ...MISSING,
    message: /none of apt-get, dnf, apk, pacman, brew.*https:\/\/github\.com\/nats-io\/nats-server\/releases/,
  });
});

test('a package manager that fails is quoted', async (t) => {
  await using machine = await FakeMachine.with({ apk: 'echo "ERROR: nats-server (no such package)" >&2; exit 1' });
  await t.throwsAsync(ensureProgram('nats-server', machine.options), { ...MISSING, message: /no such package.*apk/ });
});

test('one that succeeds without bringing the program is no success', async (t) => {
  await using machine = await FakeMachine.with({ apk: '' });
  await t.throwsAsync(ensureProgram('nats-server', machine.options), { ...MISSING, message: /still no nats-server/ });
});

test('an update that fails does not stop the installation', async (t) => {
  await using machine = await FakeMachine.with({
    'apt-get': `${LOG_CALL}\n[ "$2" != update ] || exit 100\n${PUT_SERVER}`,
  });
  await ensureProgram('nats-server', machine.options);
  t.is((await machine.calls()).length, 2);
});

test('callers that come at once wait for the lock and all get the program', async (t) => {
  // As apt-get does: the second one is refused while the first is at work. The first takes a moment.
  const locking = `/bin/mkdir "$ROOT/lock" 2>/dev/null || { echo "E: Could not get lock /var/lib/apt/lists/lock." >&2; exit 100; }
    ${LOG_CALL}
    /bin/sleep 0.3
    [ "$2" = update ] || ${PUT_SERVER}
    /bin/rmdir "$ROOT/lock"`;
  await using machine = await FakeMachine.with({ 'apt-get': locking });
  const paths = await Promise.all([1, 2, 3].map(() => ensureProgram('nats-server', machine.options)));
  t.deepEqual(new Set(paths), new Set([join(machine.bin, 'nats-server')]));
});
