declare global {
  interface Window {
    /** What early-socket.ts has opened; null: there is no token in the address. */
    earlySocket: WebSocket | null;
  }
}

/**
 * Opens the WebSocket to the program behind the page.
 *
 * @param token the secret of the page's address; it is said as the one subprotocol, since a fragment is sent nowhere
 * @returns null: there is no token in the address, or one that is none
 */
export function openSocket(token: string): WebSocket | null {
  try {
    return new WebSocket(`ws://${location.host}/`, token);
  } catch {
    return null;
  }
}
