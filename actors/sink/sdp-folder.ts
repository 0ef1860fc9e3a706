/** The folder in which each remote peer has a file `PEER.sdp` that a player opens. */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type SessionDescription, sessionDescription } from '../../infra/rtp/sdp.ts';
import { SinkError } from './contract.ts';

export class SdpFolder {
  readonly path: string;

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
  async write(session: SessionDescription): Promise<string> {
    const path = this.#fileOf(session.name);
    const draft = `${path}.${process.pid}.part`;
    await orFolderError(this.path, writeFile(draft, sessionDescription(session)));
    await orFolderError(this.path, rename(draft, path));
    return path;
  }

  /** @throws {SinkError} `sink.folder` */
  async remove(name: string): Promise<void> {
    await orFolderError(this.path, rm(this.#fileOf(name), { force: true }));
  }

  #fileOf(name: string): string {
    return join(this.path, `${name}.sdp`);
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
