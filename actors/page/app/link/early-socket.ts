/** A script of its own, that the browser runs first: the WebSocket is opened while the page's script and style are still being read. */
import { openSocket } from './open-socket.ts';

export const earlySocket = openSocket(location.hash.slice(1));
