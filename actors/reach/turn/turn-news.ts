/** What a person is told of the TURN server, each once. */
import { endpointText } from '../../../infra/path/table/addresses.ts';
import type { TurnState } from '../../../infra/turn/contract.ts';
import type { TurnFailureCode } from '../../../infra/turn/failure.ts';

export type TurnNews =
  /** What comes to these addresses at the server, `host:port`, comes to us. */
  | { readonly type: 'turn.allocated'; readonly relayed: readonly string[] }
  /** It is tried again by itself. */
  | { readonly type: 'turn.failed'; readonly code: TurnFailureCode; readonly text: string };

export class TurnWatch {
  #said = '';

  /** @returns what is to be said now that the state is this one; undefined: nothing that has not been said */
  news(state: TurnState): TurnNews | undefined {
    if (state.kind === 'allocated')
      return this.#once({ type: 'turn.allocated', relayed: state.relayed.map(endpointText) });
    if (state.kind === 'failed') return this.#once({ type: 'turn.failed', ...state.failure });
    return undefined;
  }

  #once(news: TurnNews): TurnNews | undefined {
    const text = turnSentence(news);
    if (text === this.#said) return undefined;
    this.#said = text;
    return news;
  }
}

export function turnSentence(news: TurnNews): string {
  return news.type === 'turn.failed'
    ? news.text
    : `the TURN server takes packets for us at ${news.relayed.join(' and ')}: used where no other way works`;
}
