/** Where the page of a watched room begins. */
import { render } from 'preact';
import type { FromPage, ToPage } from '../../../watch/page-messages.ts';
import { Socket } from '../link/socket.ts';
import { createStore } from '../picture/store.ts';
import { textsFor } from '../picture/text/texts.ts';
import { RoomPage } from './room-page.tsx';
import './room.css';

/** The time line moves on, in ms. */
const TICK_MS = 1000;

const texts = textsFor(navigator.languages);
document.documentElement.lang = texts.language;
const store = createStore(Date.now);
const socket = new Socket<FromPage, ToPage>(location.hash.slice(1), {
  onMessage: store.take,
  // The program is ours: what it sends keeps to its type.
  read: (text) => JSON.parse(text),
  onUp: () => {
    store.state.value = 'open';
    const peer = store.looked.peek();
    if (peer !== null) socket.send({ type: 'look', peer });
  },
  onDown: () => {
    store.state.value = 'gone';
  },
});
socket.start();
setInterval(() => {
  store.now.value = Date.now();
}, TICK_MS);
const send = (message: FromPage) => void socket.send(message);
render(<RoomPage {...{ store, texts, send }} />, document.body);
