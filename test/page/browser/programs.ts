/** Programs at the other end of a page's media, by way of a peer in the terminal. */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './call-test.ts';
import type { Calls } from './calls.ts';

/** Runs a program to its end. @returns all that it wrote */
export function outputOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { timeout: 60_000 });
    let told = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk) => {
        told += chunk;
      });
    }
    child.on('error', reject);
    child.on('close', () => resolve(told));
  });
}

/** Has ffmpeg decode twenty pictures of what an SDP file names. @returns its progress */
export function decodedBy(file: string): Promise<string> {
  return outputOf('ffmpeg', [
    ...['-loglevel', 'error', '-protocol_whitelist', 'file,udp,rtp', '-i', file, '-map', '0:v:0', '-frames:v', '20'],
    ...['-f', 'null', '-progress', 'pipe:1', '-'],
  ]);
}

/** A peer that writes an SDP file of each member, for players. */
export class Player {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async joins(calls: Calls): Promise<Player> {
    const folder = join(calls.cwd, 'sdp');
    await calls.peer('player', '--source', 'none', '--sink', `sdp:${folder}`);
    return new Player(folder);
  }

  /** The file of a member, once it names this codec. */
  async fileOf(id: string, codec: string): Promise<string> {
    const file = join(this.#folder, `${id}.sdp`);
    await until(async () => (await readFile(file, 'utf8').catch(() => '')).includes(codec));
    return file;
  }
}

/** An even one: the program's RTCP has the next. */
export function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port - (port % 2)));
    });
  });
}
