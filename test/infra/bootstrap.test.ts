import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';

const BOOTSTRAP = fileURLToPath(new URL('../../infra/setup/bootstrap.mjs', import.meta.url));

/** In place of npm: notes its arguments, takes a moment, and "installs" what the lock file says. */
const FAKE_NPM = `
const fs = require('node:fs');
fs.appendFileSync('npm.log', process.argv.slice(2).join(' ') + '\\n');
console.log('npm talks');
if (fs.existsSync('fail')) process.exit(7);
setTimeout(() => {
  fs.mkdirSync('node_modules', { recursive: true });
  fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
}, 300);
`;

const LOCK = {
  packages: {
    '': { name: 'x' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/for-another-system': { version: '1.0.0', optional: true },
  },
};
const INSTALLED = { packages: { 'node_modules/a': { version: '1.0.0' }, 'node_modules/extra': { version: '1.0.0' } } };

/** A project with nothing but a lock file and the bootstrap script. */
class Project {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  static async create(t: ExecutionContext, installed?: object, node = '>=20.19'): Promise<Project> {
    const project = new Project(await mkdtemp(join(tmpdir(), 'rpr-bootstrap-')));
    t.teardown(() => rm(project.root, { recursive: true, force: true }));
    await mkdir(join(project.root, 'infra/setup'), { recursive: true });
    await mkdir(join(project.root, 'node_modules'));
    await copyFile(BOOTSTRAP, join(project.root, 'infra/setup/bootstrap.mjs'));
    await project.write('package.json', JSON.stringify({ engines: { node } }));
    await project.write('package-lock.json', JSON.stringify(LOCK));
    await project.write('npm.cjs', FAKE_NPM);
    await project.write('npm.log', '');
    if (installed !== undefined) await project.write('node_modules/.package-lock.json', JSON.stringify(installed));
    return project;
  }

  write(path: string, text: string): Promise<void> {
    return writeFile(join(this.root, path), text);
  }

  async npmCalls(): Promise<number> {
    return (await readFile(join(this.root, 'npm.log'), 'utf8')).split('\n').length - 1;
  }

  async run(): Promise<{ code: unknown; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, [join(this.root, 'infra/setup/bootstrap.mjs')], {
      env: { ...process.env, npm_execpath: join(this.root, 'npm.cjs') },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const [code] = await once(child, 'close');
    return { code, stdout, stderr };
  }
}

test('nothing is done or said when all packages are there', async (t) => {
  const project = await Project.create(t, INSTALLED);
  t.deepEqual(await project.run(), { code: 0, stdout: '', stderr: '' });
  t.is(await project.npmCalls(), 0);
});

test('missing packages are installed, and standard output stays clean', async (t) => {
  const project = await Project.create(t);
  const { code, stdout, stderr } = await project.run();
  t.is(code, 0);
  t.is(stdout, '');
  t.regex(stderr, /Installing packages/);
  t.regex(stderr, /npm talks/);
  t.regex(await readFile(join(project.root, 'npm.log'), 'utf8'), /^ci .*--include=dev/);
  await project.run();
  t.is(await project.npmCalls(), 1);
});

test('packages of another lock file are replaced', async (t) => {
  const project = await Project.create(t, { packages: { 'node_modules/a': { version: '0.9.0' } } });
  await project.run();
  t.is(await project.npmCalls(), 1);
});

test('an installation that was broken off is done again', async (t) => {
  const project = await Project.create(t);
  await project.write('node_modules/.package-lock.json', '{"packages": {');
  await project.run();
  t.is(await project.npmCalls(), 1);
});

test('two scripts that start at once install once', async (t) => {
  const project = await Project.create(t);
  const runs = await Promise.all([project.run(), project.run()]);
  t.deepEqual(
    runs.map(({ code }) => code),
    [0, 0],
  );
  t.is(await project.npmCalls(), 1);
});

test('the lock of a process that died is taken away', async (t) => {
  const project = await Project.create(t);
  const dead = spawn(process.execPath, ['-e', '']);
  await once(dead, 'close');
  await mkdir(join(project.root, '.rpr'));
  await project.write('.rpr/install.lock', String(dead.pid));
  t.is((await project.run()).code, 0);
  t.is(await project.npmCalls(), 1);
});

test('a failed installation ends with what to do', async (t) => {
  const project = await Project.create(t);
  await project.write('fail', '');
  const { code, stdout, stderr } = await project.run();
  t.is(code, 1);
  t.is(stdout, '');
  t.regex(stderr, /Installing packages failed.*npm ci/);
});

test('a Node that is too old is told so in one line', async (t) => {
  const project = await Project.create(t, INSTALLED, '>=99.1');
  const { code, stderr } = await project.run();
  t.is(code, 1);
  t.regex(stderr, /^RPR needs Node 99\.1 or newer; this is [\d.]+\. See https:\/\/nodejs\.org\n$/);
});
