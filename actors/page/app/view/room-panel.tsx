/** The room as a picture: who carries whose packets, what happened, what was said, and the machines behind it. */
import { useComputed } from '@preact/signals';
import { useState } from 'preact/hooks';
import { RoomDrawing, RoomHistory, RoomMachines, RoomMessages } from '../picture/room-parts.tsx';
import { Tabs } from '../picture/tabs.tsx';
import { textsFor } from '../picture/text/texts.ts';
import { useCall } from './context.ts';

const PARTS = { picture: RoomDrawing, timeline: RoomHistory, messages: RoomMessages, charts: RoomMachines };
type Part = keyof typeof PARTS;

export function RoomPanel() {
  const { store, watched } = useCall();
  const [part, choose] = useState<Part>('picture');
  const texts = useComputed(() => textsFor([store.language.value])).value;
  const { drawing: picture, timeline, messages, charts } = texts;
  const Content = PARTS[part];
  return (
    <div class="panel-room">
      <Tabs tabs={{ picture, timeline, messages, charts }} chosen={part} onChoose={choose}>
        <Content store={watched.picture} texts={texts} send={watched.ask} />
      </Tabs>
    </div>
  );
}
