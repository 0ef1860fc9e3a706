/**
 * The folder in which each remote peer has a file `PEER.sdp` that a player opens. Several peers of this machine may write to one
 * folder: each changes and removes only what it wrote itself, and where another that runs has the name already, the file is
 * `PEER.2.sdp`, and so on. No id has a dot.
 */
import { randomInt } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readSessionId, type SessionDescription, sessionDescription } from '../../infra/sdp/sdp.ts';
import { MAX_MEMBERS } from '../../machines/messages.ts';
import { SinkError } from './contract.ts';
import { isSystemError } from './outlet.ts';

/** Whose file it is stands in its session id: the process, and which of its folders. Of 53 bits this leaves 32 for the process. */
const FOLDERS_PER_PROCESS = 2 ** 21;
/** A room has no more members that could share a folder. */
const MOST_NAMES = MAX_MEMBERS;

/** What a file says, besides whose it is. */
export type FolderSession = Omit<SessionDescription, 'sessionId'>;

export class SdpFolder {
  readonly path: string;
  readonly #sessionId = process.pid * FOLDERS_PER_PROCESS + randomInt(FOLDERS_PER_PROCESS);
  /** By session, the path of its file. */
  readonly #files = new Map<string, string>();

  private constructor(path: string) {
    this.path = path;
  }

  /** @throws {SinkError} `sink.folder` */
  static async open(path: string): Promise<SdpFolder> {
    await orFolderError(path, mkdir(path, { recursive: true }));
    return new SdpFolder(resolve(path));
  }

  /**
   * Writes the file as a whole or not at all: a player never reads half of it. Its name is the session's.
   *
   * @returns the file's path
   * @throws {SinkError} `sink.folder`
   */
  write(session: FolderSession): Promise<string> {
    return orFolderError(this.path, this.#write(session));
  }

  /** @throws {SinkError} `sink.folder` */
  remove(name: string): Promise<void> {
    return orFolderError(this.path, this.#remove(name));
  }

  async #write(session: FolderSession): Promise<string> {
    const { name } = session;
    const draft = join(this.path, `${name}.${this.#sessionId}.part`);
    await writeFile(draft, sessionDescription({ ...session, sessionId: this.#sessionId }));
    try {
      const path = await this.#place(draft, name);
      this.#files.set(name, path);
      return path;
    } finally {
      await rm(draft, { force: true });
    }
  }

  async #remove(name: string): Promise<void> {
    const path = this.#files.get(name);
    this.#files.delete(name);
    if (path !== undefined && (await ownerOf(path)) === this.#sessionId) await rm(path, { force: true });
  }

  /** Puts the draft where the file was, or else under the first name that nobody has who still runs. */
  async #place(draft: string, name: string): Promise<string> {
    const before = this.#files.get(name);
    if (before !== undefined && (await ownerOf(before)) === this.#sessionId) {
      await rename(draft, before);
      return before;
    }
    for (let number = 1; number <= MOST_NAMES; number++) {
      const path = join(this.path, number === 1 ? `${name}.sdp` : `${name}.${number}.sdp`);
      if (await this.#claim(draft, path)) return path;
    }
    throw new Error(`${MOST_NAMES} programs write files for ${name} there`);
  }

  async #claim(draft: string, path: string): Promise<boolean> {
    if (await isCreated(draft, path)) return true;
    if (await isInUse(path)) return false;
    await rename(draft, path);
    // Of two that found it left behind at the same moment, one has it now.
    return (await ownerOf(path)) === this.#sessionId;
  }
}

/** Whether the draft has become a file that was not there. File systems without links cannot tell: they leave it to what stands there. */
async function isCreated(draft: string, path: string): Promise<boolean> {
  try {
    await link(draft, path);
    return true;
  } catch {
    return false;
  }
}

/** The session id in a file; undefined where there is none, or no file. */
async function ownerOf(path: string): Promise<number | undefined> {
  try {
    return readSessionId(await readFile(path, 'utf8'));
  } catch (error) {
    if (isSystemError(error) && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether a process that runs has written it. What a peer that was killed has left behind is anybody's. */
async function isInUse(path: string): Promise<boolean> {
  const pid = Math.floor(((await ownerOf(path)) ?? 0) / FOLDERS_PER_PROCESS);
  // A process of our number that ran before us has left it behind, unless it is younger than we are.
  if (pid === process.pid) return (await stat(path)).mtimeMs >= performance.timeOrigin;
  return pid !== 0 && isRunning(pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It runs under another user.
    return isSystemError(error) && error.code === 'EPERM';
  }
}

async function orFolderError<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SinkError('sink.folder', `Cannot write SDP files to ${path}: ${reason}. Give another folder.`, { cause });
  }
}
