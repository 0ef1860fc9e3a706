/** Programs that RPR runs but npm cannot give: found on this machine, or installed where that needs no question. */
import { delimiter } from 'node:path';
import { findExecutable } from './executable.ts';
import {
  findPackageManager,
  installPackage,
  PACKAGE_MANAGERS,
  type PackageManager,
  type Privilege,
} from './package-manager.ts';

export type ProgramName = 'nats-server' | 'ffmpeg' | 'baresip' | 'linphonec';

/** Folders that a user's PATH often lacks: system programs on Debian, local installs, Homebrew, snap. */
const USUAL_FOLDERS = [
  '/usr/local/bin',
  '/usr/local/sbin',
  '/usr/bin',
  '/usr/sbin',
  '/bin',
  '/sbin',
  '/opt/homebrew/bin',
  '/home/linuxbrew/.linuxbrew/bin',
  '/snap/bin',
];

/** Where each program comes from when no package manager has it. */
const DOWNLOADS: Record<ProgramName, string> = {
  'nats-server': 'https://github.com/nats-io/nats-server/releases',
  ffmpeg: 'https://ffmpeg.org/download.html',
  baresip: 'https://github.com/baresip/baresip/releases',
  linphonec: 'https://www.linphone.org',
};

/** What else a person can do who may install nothing. */
const WITHOUT: Record<ProgramName, string> = {
  'nats-server':
    ' It needs no installation: unpack it anywhere. Or use a server on another machine: --nats nats://HOST:4222.',
  ffmpeg: '',
  baresip: '',
  linphonec: '',
};

/**
 * Packages that are not named like their program, as `manager/program`. Fedora's own ffmpeg is the free subset: enough for VP8. What
 * Debian calls baresip comes with a desktop.
 */
const PACKAGE_NAMES: Readonly<Record<string, string>> = {
  'dnf/ffmpeg': 'ffmpeg-free',
  'apt-get/baresip': 'baresip-core',
  'apt-get/linphonec': 'linphone-cli',
};

/** A program is not there and could not be installed. The message says what to type. */
export class ProgramMissingError extends Error {
  override readonly name = 'ProgramMissingError';
  readonly code = 'setup.programMissing';
  readonly program: ProgramName;

  constructor(program: ProgramName, message: string) {
    super(message);
    this.program = program;
  }
}

export interface EnsureOptions {
  /** Environment whose PATH is searched and with which package managers run. Default: ours. */
  readonly env?: NodeJS.ProcessEnv;
  /** Folders searched after PATH. Default: where systems usually put such programs. */
  readonly folders?: readonly string[];
  /** Whether we are root. Default: as the system says. */
  readonly isRoot?: boolean;
  /** Takes one line of progress. Default: standard error. */
  readonly say?: (line: string) => void;
}

/**
 * The path of a program. If it is not on this machine, the system's package manager installs it, provided that needs no
 * password and no answer.
 *
 * @throws {ProgramMissingError} `setup.programMissing`
 */
export async function ensureProgram(name: ProgramName, options: EnsureOptions = {}): Promise<string> {
  const { folders = USUAL_FOLDERS, isRoot = process.getuid?.() === 0 } = options;
  const given = options.env ?? process.env;
  // Package managers need system programs that a user's PATH may lack, too.
  const env = { ...given, PATH: [given.PATH ?? '', ...folders].join(delimiter) };
  const say = options.say ?? ((line: string) => void process.stderr.write(`${line}\n`));
  const find = () => findExecutable(name, env);

  const present = await find();
  if (present !== undefined) return present;

  const found = await findPackageManager({ env, isRoot });
  if (found === undefined) throw new ProgramMissingError(name, noManager(name));
  const { manager, privilege } = found;
  if (privilege === 'none') throw new ProgramMissingError(name, needsHand(name, manager));

  say(`${name} is not installed: installing it with ${manager.name} …`);
  const isDone = async () => (await find()) !== undefined;
  const failure = await installPackage(manager, packageOf(manager, name), privilege, env, isDone);
  const installed = await find();
  if (installed === undefined) throw new ProgramMissingError(name, failed(name, manager, privilege, failure));
  say(`${name} is installed: ${installed}`);
  return installed;
}

function packageOf(manager: PackageManager, name: ProgramName): string {
  return PACKAGE_NAMES[`${manager.name}/${name}`] ?? name;
}

/** What a person types to install the program. */
function commandLine(manager: PackageManager, name: ProgramName, sudo: boolean): string {
  const lines = manager
    .commands(packageOf(manager, name))
    .map((words) => (sudo ? ['sudo', ...words] : words).join(' '));
  return `\`${lines.join(' && ')}\``;
}

function noManager(name: ProgramName): string {
  const known = PACKAGE_MANAGERS.map((manager) => manager.name).join(', ');
  return (
    `${name} is not installed, and none of ${known} is there to install it. ` +
    `Download it from ${DOWNLOADS[name]} and put it on your PATH.${WITHOUT[name]}`
  );
}

function needsHand(name: ProgramName, manager: PackageManager): string {
  const why = manager.root ? 'needs your password' : `${manager.name} does not run as root`;
  return (
    `${name} is not installed, and installing it ${why}. Type: ${commandLine(manager, name, manager.root)}. ` +
    `If you may not, download it from ${DOWNLOADS[name]} and put it on your PATH.${WITHOUT[name]}`
  );
}

function failed(name: ProgramName, manager: PackageManager, privilege: Privilege, failure: string | undefined): string {
  const reason = failure ?? `${manager.name} ended well, but there is still no ${name}`;
  return (
    `${name} could not be installed: ${reason}. Try ${commandLine(manager, name, privilege === 'sudo')}, ` +
    `or download it from ${DOWNLOADS[name]} and put it on your PATH.`
  );
}
