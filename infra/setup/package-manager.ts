/** The system's package managers, as far as they work without asking anybody anything. */
import { execFile } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { findExecutable } from './executable.ts';

/** An installation that takes longer has hung; ffmpeg over a slow line takes a few minutes. In ms. */
const INSTALL_TIMEOUT_MS = 10 * 60_000;
/** How often to try again while another installation holds the package manager's lock, in ms. */
const LOCK_RETRY_MS = 1_000;
/** How the managers say that another one is at work: apt, dpkg, dnf, apk, pacman, brew in this order. */
const LOCKED =
  /could not get lock|unable to (?:acquire|lock)|is locked by|waiting for process with pid|unable to lock database|another active homebrew|has already locked/i;
const MANAGER_OUTPUT_BYTES = 16 * 1024 * 1024;

export interface PackageManager {
  readonly name: string;
  /** Needs to be root (or `sudo`). Homebrew refuses root. */
  readonly root: boolean;
  /** The command lines, without `sudo`, that install a package. A failure of any but the last is not fatal. */
  readonly commands: (packageName: string) => readonly (readonly string[])[];
  /** The command line, without `sudo`, that keeps a service from starting at boot, where the manager lets packages enable theirs. */
  readonly disable?: (service: string) => readonly string[];
}

/** Services that packages bring along. We start a server when a call needs one; nobody asked for one that always runs. */
const SERVICES: Readonly<Record<string, string>> = { 'nats-server': 'nats-server.service' };

/** In the order in which they are looked for: a Linux machine with Homebrew has its own manager, too. */
export const PACKAGE_MANAGERS: readonly PackageManager[] = [
  {
    name: 'apt-get',
    root: true,
    // A fresh image has no package lists. An update that fails for one foreign repository must not stop us.
    commands: (name) => [
      ['apt-get', '-q', 'update'],
      ['apt-get', '-q', '-y', '--no-install-recommends', 'install', name],
    ],
    // Debian's own tool, so that an update of the package doesn't enable it again. It works for packages only: we are one to it.
    disable: (service) => ['env', 'DPKG_MAINTSCRIPT_PACKAGE=rpr', 'deb-systemd-helper', 'disable', service],
  },
  { name: 'dnf', root: true, commands: (name) => [['dnf', '-q', '-y', 'install', name]] },
  { name: 'apk', root: true, commands: (name) => [['apk', '--no-cache', 'add', name]] },
  { name: 'pacman', root: true, commands: (name) => [['pacman', '-Sy', '--noconfirm', '--needed', name]] },
  { name: 'brew', root: false, commands: (name) => [['brew', 'install', '--quiet', name]] },
];

/**
 * Settings for whatever an installation runs: no dialogs, and no start of the service that a package may bring along
 * (Debian's nats-server would listen on every interface).
 */
const QUIET_ENVIRONMENT = ['DEBIAN_FRONTEND=noninteractive', 'SYSTEMD_OFFLINE=1', 'HOMEBREW_NO_AUTO_UPDATE=1'];

/** How this process may run a package manager: as it is, through `sudo` without a password, or not at all. */
export type Privilege = 'direct' | 'sudo' | 'none';

export interface ManagerContext {
  readonly env: NodeJS.ProcessEnv;
  readonly isRoot: boolean;
}

/** The first package manager on this machine, with the way to run it. */
export async function findPackageManager(
  context: ManagerContext,
): Promise<{ manager: PackageManager; privilege: Privilege } | undefined> {
  for (const manager of PACKAGE_MANAGERS) {
    if ((await findExecutable(manager.name, context.env)) !== undefined) {
      return { manager, privilege: await privilegeFor(manager, context) };
    }
  }
  return undefined;
}

async function privilegeFor(manager: PackageManager, context: ManagerContext): Promise<Privilege> {
  if (manager.root === context.isRoot) return 'direct';
  if (!manager.root) return 'none';
  const sudo = await run(['sudo', '-n', 'true'], context.env);
  return sudo.ok ? 'sudo' : 'none';
}

/**
 * Installs a package. While another installation is under way it waits, and gives up waiting as soon as `isDone` finds
 * that the other one has brought what we want.
 *
 * @returns `undefined`, or the manager's last words when it failed
 */
export async function installPackage(
  manager: PackageManager,
  packageName: string,
  privilege: Privilege,
  env: NodeJS.ProcessEnv,
  isDone: () => Promise<boolean>,
): Promise<string | undefined> {
  const deadline = performance.now() + INSTALL_TIMEOUT_MS;
  const prefix = [...(privilege === 'sudo' ? ['sudo', '-n'] : []), 'env', ...QUIET_ENVIRONMENT];
  let failure: string | undefined;
  for (const command of manager.commands(packageName)) {
    let result = await run([...prefix, ...command], env);
    while (!result.ok && LOCKED.test(result.output) && performance.now() < deadline) {
      await delay(LOCK_RETRY_MS);
      if (await isDone()) return undefined;
      result = await run([...prefix, ...command], env);
    }
    failure = result.ok ? undefined : result.output.trim().split('\n').slice(-3).join(' ');
  }
  const service = SERVICES[packageName];
  // Where the tool is missing, nothing has enabled the service either.
  if (failure === undefined && service !== undefined && manager.disable !== undefined) {
    await run([...prefix, ...manager.disable(service)], env);
  }
  return failure;
}

function run(command: readonly string[], env: NodeJS.ProcessEnv): Promise<{ ok: boolean; output: string }> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    // LC_ALL: the words that tell of a lock are matched in English.
    const options = { env: { ...env, LC_ALL: 'C' }, timeout: INSTALL_TIMEOUT_MS, maxBuffer: MANAGER_OUTPUT_BYTES };
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      resolve({ ok: error === null, output: `${stdout}\n${stderr}` });
    });
    child.stdin?.end();
  });
}
