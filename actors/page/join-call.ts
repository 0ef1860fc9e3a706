/** Joins a room as a page asks for it, and tells how that ends in words for a person. */
import { NatsError } from '../../infra/nats/errors.ts';
import { connectOrStart } from '../../infra/nats/shared-server.ts';
import { PathError } from '../../infra/path/errors.ts';
import { ProgramMissingError } from '../../infra/setup/program.ts';
import { Call } from '../call/call.ts';
import type { CallEnd } from '../call/participant.ts';
import { RefusedError, replacedText } from '../call/refused-error.ts';
import { unixNow } from '../clock.ts';
import { IdentityError } from '../identity/errors.ts';
import type { Journal } from '../journal/journal.ts';
import type { CallOptions } from '../options/call-command.ts';
import type { PeerOptions } from '../options/contract.ts';
import { SinkError } from '../sink/contract.ts';
import type { ServerMessage } from './messages.ts';
import { OwnMachines } from './own-machines.ts';
import type { Choice, Ended, JoinOutcome, PageOptions } from './page.ts';
import { PageCall } from './page-call.ts';
import { pageCodecs } from './page-codecs.ts';
import type { OpenLink } from './tab-media.ts';
import { ToldPicture } from './told-picture.ts';

export interface JoinOptions {
  readonly call: Pick<CallOptions, 'peer' | 'hasSink' | 'pictures'>;
  readonly journalOf: (peer: string) => Journal;
  /** Takes a sentence about the NATS server, where one has to be started. */
  readonly say: (text: string) => void;
  readonly openLink: OpenLink;
}

/** What a page joins rooms by. */
export function joinerOf(options: JoinOptions): PageOptions['join'] {
  return (choice, tell) =>
    join(options, choice, tell).catch((error: unknown) => ({ refused: failed(error), isTaken: false }));
}

async function join(
  { call: { peer, hasSink, pictures }, journalOf, say, openLink }: JoinOptions,
  { id, name, meeting, uploadBps }: Choice,
  tell: (message: ServerMessage) => void,
): Promise<JoinOutcome> {
  const options = peer({ id, name, ...meeting, uploadBps });
  const journal = journalOf(id);
  const machines = new OwnMachines();
  const call = await Call.open(options, journal, say, undefined, machines.observe);
  const { nats, natsFiles: files } = options;
  const picture = new ToldPicture({
    ...{ room: options.room, roomKey: call.roomKey, peer: id, machines },
    connect: (watcher) => connectOrStart({ id: watcher, files, say, ...(nats !== null && { url: nats }) }),
    tell: (told) => tell({ type: 'picture', told }),
  });
  const page = new PageCall({
    ...{ call, options, meeting, openLink, picture, tell, wantsWhatIsShown: !hasSink },
    codecs: pageCodecs(pictures),
    now: () => performance.now(),
    unixNow,
  });
  const ended = endOf(call, options).finally(async () => {
    await page.close();
    await call.close();
    journal.close();
  });
  const outcome = await Promise.race([call.participant.joined, ended]);
  if (outcome !== undefined) return { refused: await ended, isTaken: call.refusal === 'taken' };
  return { page, ended, leave: () => call.leave() };
}

async function endOf(call: Call, options: PeerOptions): Promise<Ended> {
  try {
    return endedAs(await call.ended, call, options);
  } catch (error) {
    return failed(error);
  }
}

function endedAs(end: CallEnd, { refusal }: Call, options: PeerOptions): Ended {
  switch (end) {
    case 'left':
      return { type: 'ended', code: 'left', text: `You have left room ${options.room}.` };
    case 'replaced':
      return { type: 'ended', code: 'replaced', text: replacedText(options) };
    case 'refused':
      return { type: 'ended', code: 'refused', text: new RefusedError(refusal ?? 'taken', options).message };
  }
}

/** What a person can mend is told; anything else is a defect of ours. */
function failed(error: unknown): Ended {
  const isKnown =
    error instanceof NatsError ||
    error instanceof PathError ||
    error instanceof IdentityError ||
    error instanceof SinkError ||
    error instanceof ProgramMissingError;
  if (!isKnown) throw error;
  return { type: 'ended', code: 'failed', text: `${error.code}: ${error.message}` };
}
