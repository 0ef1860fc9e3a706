/** What people write. Plain text: nothing in it becomes markup or a link. */
import { useComputed } from '@preact/signals';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { IconButton } from './buttons.tsx';
import { useCall, useSay } from './context.ts';

/** As the peer takes it. */
const MAX_CHARACTERS = 2_000;
/** Pixels. Who is nearer to the end than this reads what comes. */
const NEAR_END = 40;

export function Chat() {
  const call = useCall();
  const say = useSay();
  const lines = useComputed(() => call.store.state.value.chat).value;
  const list = useRef<HTMLOListElement>(null);
  const [text, setText] = useState('');
  /** Who reads older lines must not be taken away from them. */
  const isAtEnd = useRef(true);
  const isOwn = lines.at(-1)?.mine === true;
  useLayoutEffect(() => {
    if (isAtEnd.current || isOwn) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [lines, isOwn]);
  const noteEnd = ({
    currentTarget: { scrollHeight, scrollTop, clientHeight },
  }: {
    readonly currentTarget: Element;
  }) => {
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
  };
  const send = (event: Event) => {
    event.preventDefault();
    if (text.trim() === '') return;
    call.say(text.trim());
    setText('');
  };
  const time = new Intl.DateTimeFormat(call.store.language.value, { hour: '2-digit', minute: '2-digit' });
  return (
    <>
      <ol
        ref={list}
        onScroll={noteEnd}
        class="chat-lines"
        tabIndex={lines.length === 0 ? undefined : 0}
        aria-label={say('chat.title')}
      >
        {lines.length === 0 && <li class="quiet">{say('chat.empty')}</li>}
        {lines.map(({ from, name, text: said, at, mine, isPrivate }, index) => (
          <li key={`${at}-${from}-${index}`} class={mine ? 'chat-line is-mine' : 'chat-line'}>
            <p class="chat-who">
              <strong>{mine ? say('call.you') : name}</strong>
              {isPrivate && !mine && <span class="quiet">{say('chat.private')}</span>}
              <time dateTime={new Date(at).toISOString()}>{time.format(at)}</time>
            </p>
            <p class="chat-text">{said}</p>
          </li>
        ))}
      </ol>
      <form class="chat-form" onSubmit={send}>
        <input
          data-first
          value={text}
          maxLength={MAX_CHARACTERS}
          placeholder={say('chat.write')}
          aria-label={say('chat.write')}
          autocomplete="off"
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
        <IconButton
          icon="send"
          label={say('chat.send')}
          class="is-primary"
          onClick={(button) => button.form?.requestSubmit()}
        />
      </form>
    </>
  );
}
