/** Calls of sipp, which nobody here has written, to our user agent: many at once, and over a line that loses packets. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Call } from '../../../../infra/sip/agent/call.ts';
import { SipEndpoint } from '../../../../infra/sip/endpoint.ts';
import { MediaSession } from '../../../../infra/sip/sdp/session.ts';
import { OWN_MEDIA } from '../../../sip/rehearsal.ts';
import type { Outcome } from '../contract.ts';

const HOST = '127.0.0.1';
const run = promisify(execFile);
/** After the last call: what is over is remembered for 32 s. */
const FORGOTTEN_MS = 35_000;
/** A phone that has gone without a word is noticed after this, as the gateway does it, in ms. */
const SILENT_MS = 8000;
/** How long a call lasts, in ms. */
const CALL_MS = 200;

export interface Calls {
  readonly count: number;
  readonly perSecond: number;
  /** Of each way, in percent. */
  readonly lostPercent: number;
}

/** The value: calls that failed. */
export async function manyCalls({ count, perSecond, lostPercent }: Calls, signal: AbortSignal): Promise<Outcome> {
  await using server = await answering();
  const failed = await sipp(server.port, { count, perSecond, lostPercent }, signal);
  return { held: failed === 0, value: failed };
}

/** The value: calls and transactions that are remembered when all is over. */
export async function nothingLeft(calls: Calls, signal: AbortSignal): Promise<Outcome> {
  await using server = await answering();
  await sipp(server.port, calls, signal);
  // Where this process stands still for long sipp gives calls up, and says no BYE: who has answered them has to notice.
  if (server.open() > 0) {
    await delay(SILENT_MS, undefined, { signal });
    server.hangUp();
  }
  await delay(FORGOTTEN_MS, undefined, { signal });
  const left = server.left();
  return { held: left === 0, value: left };
}

/** A user agent that takes every call. */
async function answering() {
  const now = () => performance.now();
  const calls = new Set<Call>();
  const endpoint = await SipEndpoint.open({
    ...{ host: HOST, told: HOST, port: 0, user: 'D', product: 'rpr/bench', credentials: null, guard: null, now },
    onCall: (call, nowMs) => {
      const session = new MediaSession(1, HOST, OWN_MEDIA);
      calls.add(call);
      call.ring(nowMs);
      queueMicrotask(() => {
        call.accept(session.answer(call.offer ?? '') ?? '', now());
        endpoint.settle();
      });
      return {
        onOffer: (offer) => session.answer(offer),
        onAnswer: (answer) => session.take(answer),
        makeOffer: () => session.offer(),
        ...{ onKeyFrameWanted: () => undefined, onConnected: () => undefined },
        onEnded: () => calls.delete(call),
      };
    },
  });
  return {
    port: endpoint.port,
    open: () => calls.size,
    hangUp: () => {
      for (const call of [...calls]) call.hangUp('silent', now());
      endpoint.settle();
    },
    left: () => calls.size + endpoint.agent.counts.calls + endpoint.agent.counts.transactions,
    [Symbol.asyncDispose]: () => endpoint.close(),
  };
}

/** @returns how many of its calls failed */
async function sipp(port: number, { count, perSecond, lostPercent }: Calls, signal: AbortSignal): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'rpr-sipp-'));
  const lossy = lostPercent === 0 ? [] : ['-lost', String(lostPercent)];
  const args = [
    ...['-sn', 'uac', `${HOST}:${port}`, '-i', HOST, '-s', 'main', '-m', String(count), '-r', String(perSecond)],
    ...['-d', String(CALL_MS), '-l', String(count), '-nostdin', ...lossy],
  ];
  try {
    // It says so by its exit code, too, where calls have failed.
    const { stdout } = await run('sipp', args, { cwd: folder, signal, maxBuffer: 64 * 1024 * 1024 }).catch(
      (error: { stdout?: string }) => {
        signal.throwIfAborted();
        if (error.stdout === undefined || error.stdout === '') throw error;
        return { stdout: error.stdout };
      },
    );
    const [, successful] =
      /Successful call\s*\|\s*\d+\s*\|\s*(\d+)/.exec(stdout.slice(stdout.lastIndexOf('Successful call'))) ?? [];
    return count - Number(successful ?? 0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
