/** Where the page of a watched room begins. */
import { render } from 'preact';
import type { FromPage } from '../../../watch/page-messages.ts';
import { textsFor } from '../picture/text/texts.ts';
import { Link } from './link.ts';
import { RoomPage } from './room-page.tsx';
import { createStore } from './store.ts';
import './room.css';

/** The time line moves on, in ms. */
const TICK_MS = 1000;

const texts = textsFor(navigator.languages);
document.documentElement.lang = texts.language;
const store = createStore(Date.now);
const link = new Link(location.hash.slice(1), {
  onMessage: store.take,
  onState: (state) => {
    store.state.value = state;
    const peer = store.looked.peek();
    if (state === 'open' && peer !== null) link.send({ type: 'look', peer });
  },
});
setInterval(() => {
  store.now.value = Date.now();
}, TICK_MS);
const send = (message: FromPage) => link.send(message);
render(<RoomPage {...{ store, texts, send }} />, document.body);
