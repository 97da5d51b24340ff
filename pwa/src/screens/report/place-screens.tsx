/** Giving a place to the report being written, or to one that was saved without. */
import { useState } from 'preact/hooks';
import type { ReportDraft, TypedPlace } from '../../capture/types';
import type { Position } from '../../wire/types';
import { useApp } from '../app';
import { PlacePicker } from '../map/place-picker';
import { Screen } from '../parts/frame';
import { Said } from '../../parts/said';
import { back } from '../../parts/route';
import { plainError } from '../words/errors';
import { NoDraft } from './report';

export function DraftPlaceScreen() {
  const draft = useApp().draft.value;
  return draft === null ? <NoDraft /> : <DraftPlace draft={draft} />;
}

function DraftPlace({ draft }: { readonly draft: ReportDraft }) {
  const app = useApp();
  const typed = async (text: string): Promise<TypedPlace> => {
    const answer = await draft.typePlace(text);
    if (answer.ok) back();
    return answer;
  };
  return (
    <PlacePicker
      start={draft.position.value}
      onPin={({ lat, lon }) => {
        draft.placePin(lat, lon);
        void draft.keep();
        app.said.value = 'Pin placed';
        back();
      }}
      onTyped={typed}
      onGps={() => {
        draft.clearPlace();
        back();
      }}
    />
  );
}

/** A pin later is where the thing was, which may not be where the person is now: it begins unplaced. */
export function SentPlaceScreen({ id }: { readonly id: string }) {
  const { outbox, now, said } = useApp();
  const [problem, setProblem] = useState<string | null>(null);
  const item = outbox.items.value.find((known) => known.id === id);
  const locate = async (position: Position): Promise<void> => {
    try {
      await outbox.locateReport(id, position);
      said.value = 'Place saved on this phone';
      back();
    } catch (error) {
      setProblem(plainError(error));
    }
  };
  const typed = async (text: string): Promise<TypedPlace> => {
    const { typedPlace } = await import('../../capture/place');
    const answer = typedPlace(text, now.value);
    if (answer.ok) void locate(answer.position);
    return answer;
  };
  if (problem !== null) {
    return (
      <Screen title="The place is not saved">
        <Said tone="bad" title={problem} live />
        <button type="button" class="button main" onClick={() => setProblem(null)}>
          Try again
        </button>
      </Screen>
    );
  }
  return (
    <PlacePicker
      start={item?.report?.position ?? null}
      onPin={({ lat, lon }) =>
        void locate({ lat, lon, accuracy_m: null, source: 'pin', fixed_at: now.value.toISOString() })
      }
      onTyped={typed}
    />
  );
}
