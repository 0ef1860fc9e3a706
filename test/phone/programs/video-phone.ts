/** Which phones there are. */
import { Baresip } from './baresip.ts';
import type { VideoPhone, VideoPhoneOptions } from './contract.ts';
import { Linphone } from './linphone.ts';

export type PhoneProgram = 'baresip' | 'linphonec';

/**
 * Resolves once it takes calls.
 *
 * @throws {ProgramMissingError} where it is neither installed nor installable
 * @throws {BaresipError | LinphoneError} where it does not start, or cannot decode such pictures
 */
export function startPhone(program: PhoneProgram, options: VideoPhoneOptions): Promise<VideoPhone> {
  return program === 'baresip' ? Baresip.start(options) : Linphone.start(options);
}
