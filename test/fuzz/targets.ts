/** Every parser of bytes from the network. */
import { BUS_TARGETS } from './bus-targets.ts';
import { PACKET_TARGETS } from './packet-targets.ts';
import type { Target } from './play.ts';

export const TARGETS: readonly Target[] = [...PACKET_TARGETS, ...BUS_TARGETS];
