/** Questions that wait for their answers. Datagrams get lost, so they are asked again; at most one to each method waits. */
import type { MappingAnswer, MappingMethod, MappingQuestion } from './contract.ts';

/**
 * How long each time is waited for an answer. 250 ms and twice as much each time is what RFC 6886 section 3.1 wants; it goes on for a
 * minute, but a gateway that can do it answers within some ms, and a person waits to be told that there is none.
 */
const DATAGRAM_WAITS_MS = [250, 500, 1000, 1250];
/** UPnP asks by HTTP, which repeats by itself, and some gateways think for seconds. The search for the gateway is by datagram. */
const HTTP_WAITS_MS = [8000];

interface Waiting {
  readonly question: MappingQuestion;
  /** How often it was asked. */
  times: number;
  untilMs: number;
}

export class Repeats {
  readonly #waiting = new Map<MappingMethod, Waiting>();

  get isEmpty(): boolean {
    return this.#waiting.size === 0;
  }

  /** When {@link due} has something to say; infinite: never. */
  get dueMs(): number {
    return Math.min(...[...this.#waiting.values()].map(({ untilMs }) => untilMs));
  }

  /** The question has been asked, in place of any before it to the same method. */
  asked(question: MappingQuestion, nowMs: number): void {
    this.#waiting.set(question.method, { question, times: 1, untilMs: nowMs + (waitsOf(question)[0] ?? 0) });
  }

  /** Takes out the question that this answers, or undefined: nobody asked. */
  answered(answer: MappingAnswer): MappingQuestion | undefined {
    const question = this.#waiting.get(answer.method)?.question;
    if (question === undefined || !isAnswer(question, answer)) return undefined;
    this.#waiting.delete(answer.method);
    return question;
  }

  /** What to ask again now, and what remains without an answer. */
  due(nowMs: number): { readonly again: MappingQuestion[]; readonly unanswered: MappingQuestion[] } {
    const again: MappingQuestion[] = [];
    const unanswered: MappingQuestion[] = [];
    for (const [method, waiting] of this.#waiting) {
      if (waiting.untilMs > nowMs) continue;
      const waitMs = waitsOf(waiting.question)[waiting.times];
      if (waitMs === undefined) {
        this.#waiting.delete(method);
        unanswered.push(waiting.question);
        continue;
      }
      waiting.times += 1;
      waiting.untilMs = nowMs + waitMs;
      again.push(waiting.question);
    }
    return { again, unanswered };
  }

  clear(): void {
    this.#waiting.clear();
  }
}

function waitsOf({ method, ask }: MappingQuestion): readonly number[] {
  return method === 'UPnP' && ask !== 'probe' ? HTTP_WAITS_MS : DATAGRAM_WAITS_MS;
}

function isAnswer({ ask }: MappingQuestion, answer: MappingAnswer): boolean {
  switch (answer.type) {
    case 'there':
      return ask === 'probe' || ask === 'look';
    case 'gone':
      return ask === 'look';
    case 'mapped':
      return ask === 'map';
    case 'unmapped':
      return ask === 'unmap';
    case 'refused':
      return (answer.asked === 'look') === (ask === 'probe' || ask === 'look');
  }
}
