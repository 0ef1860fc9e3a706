/** Every parser of bytes from the network. */
import { BUS_TARGETS } from './bus-targets.ts';
import { DTLS_TARGETS } from './dtls-targets.ts';
import { PACKET_TARGETS } from './packet-targets.ts';
import { PAGE_TARGETS } from './page-targets.ts';
import type { Target } from './play.ts';
import { PROGRAM_TARGETS } from './program-targets.ts';
import { SEALING_TARGETS } from './sealing-targets.ts';
import { SIP_TARGETS } from './sip-targets.ts';
import { STUN_TARGETS } from './stun-targets.ts';

export const TARGETS: readonly Target[] = [
  ...PACKET_TARGETS,
  ...STUN_TARGETS,
  ...SIP_TARGETS,
  ...PROGRAM_TARGETS,
  ...BUS_TARGETS,
  ...SEALING_TARGETS,
  ...DTLS_TARGETS,
  ...PAGE_TARGETS,
];
