/** Devices, language and look, and which keys there are. */
import { useId } from 'preact/hooks';
import { LANGUAGES, type TextKey } from '../text/text.ts';
import { useCall, useSay } from './context.ts';
import { DeviceChoice } from './device-choice.tsx';
import { LevelMeter } from './level-meter.tsx';
import { OwnLine } from './own-line.tsx';
import { THEMES, useTheme } from './theme.ts';

const KEYS: readonly (readonly [key: string, does: TextKey])[] = [
  ['M', 'settings.key.mute'],
  ['V', 'settings.key.camera'],
  ['S', 'settings.key.screen'],
  ['C', 'settings.key.chat'],
  ['Esc', 'settings.key.close'],
];

export function Settings() {
  const say = useSay();
  return (
    <div class="panel-text stack is-wide">
      <section class="stack">
        <h3>{say('settings.devices')}</h3>
        <DeviceChoice />
        <LevelMeter label={say('join.level')} />
      </section>
      <OwnLine />
      <section class="stack">
        <h3>{say('settings.look')}</h3>
        <LanguageAndTheme />
      </section>
      <section class="stack">
        <h3>{say('settings.keys')}</h3>
        <dl class="keys">
          <dt>
            <kbd>{say('settings.key.space')}</kbd>
          </dt>
          <dd>{say('settings.key.talk')}</dd>
          {KEYS.flatMap(([key, does]) => [
            <dt key={key}>
              <kbd>{key}</kbd>
            </dt>,
            <dd key={does}>{say(does)}</dd>,
          ])}
        </dl>
      </section>
    </div>
  );
}

export function LanguageAndTheme() {
  const { store, preferences } = useCall();
  const say = useSay();
  const [theme, setTheme] = useTheme();
  const language = useId();
  const look = useId();
  return (
    <div class="look">
      <span class="look-choice">
        <label for={language}>{say('settings.language')}</label>
        <select
          id={language}
          value={store.language.value}
          onChange={({ currentTarget }) => {
            store.chosenLanguage.value = currentTarget.value;
            preferences.set('language', currentTarget.value);
          }}
        >
          {Object.entries(LANGUAGES).map(([code, texts]) => (
            <option key={code} value={code} lang={code}>
              {texts['language.name']}
            </option>
          ))}
        </select>
      </span>
      <span class="look-choice">
        <label for={look}>{say('settings.theme')}</label>
        <select id={look} value={theme} onChange={({ currentTarget }) => setTheme(currentTarget.value)}>
          {THEMES.map((each) => (
            <option key={each} value={each}>
              {say(`settings.theme.${each}`)}
            </option>
          ))}
        </select>
      </span>
    </div>
  );
}
