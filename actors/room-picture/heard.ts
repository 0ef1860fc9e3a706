/** What a watcher hears in a room: messages, transitions of machines, and whether the bus is there. */
import type { Incoming, PeerId } from '../../machines/messages.ts';
import type { Transition } from '../call/inspector.ts';

export type Heard = { readonly atMs: number } & (
  | { readonly type: 'message'; readonly to: string; readonly message: Incoming }
  | { readonly type: 'transition'; readonly from: PeerId; readonly transition: Transition }
  /** While the watcher hears nothing, nobody is silent. */
  | { readonly type: 'bus'; readonly connected: boolean }
);
