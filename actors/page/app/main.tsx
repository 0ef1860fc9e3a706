/** Where the page begins. Its address has the secret by which the peer knows it, in the fragment: that is sent nowhere. */
import './style/page.css';
import { render } from 'preact';
import { Call } from './call.ts';
import { Preferences } from './media/preferences.ts';
import { createStore } from './store.ts';
import { App } from './view/app.tsx';
import { CallContext } from './view/context.ts';
import { keptTheme, showTheme } from './view/theme.ts';

const preferences = new Preferences(() => localStorage);
showTheme(keptTheme(preferences));
const store = createStore(preferences.get('language'));
const call = new Call(store, preferences, location.hash.slice(1), window.earlySocket);
render(
  <CallContext.Provider value={call}>
    <App />
  </CallContext.Provider>,
  document.body,
);
