/** Why a scenario could not be played to its end. What was played and went wrong is in the verdict instead. */

import { CodedError } from '../../../infra/coded-error.ts';

export type ScenarioErrorCode =
  /** There is no scenario of that name. */
  | 'scenario.unknown'
  /** A peer's process ended when nobody had told it to. */
  | 'peer.died'
  /** A peer did not answer the script. */
  | 'peer.mute'
  /** A step names a peer by what it does, and none does it. */
  | 'step.impossible'
  /** The scenario plays in a network lab, and there can be none here. */
  | 'lab.missing'
  /** A lab has a NATS server of its own: no other one can be used. */
  | 'lab.ownServer'
  /** The scenario plays in a browser, and there is none here. */
  | 'chromium.missing'
  /** Nobody in the scenario has a page to open by hand, or is a phone. */
  | 'scenario.pageless';

export class ScenarioError extends CodedError<ScenarioErrorCode> {
  override readonly name = 'ScenarioError';
}
