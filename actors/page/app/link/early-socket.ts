/**
 * A script of its own, that stands in the page itself and runs before anything else of it is read: the WebSocket is opened while the
 * page's script and style are still being read.
 */
import { openSocket } from './open-socket.ts';

window.earlySocket = openSocket(location.hash.slice(1));
