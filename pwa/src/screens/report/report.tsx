/** The capture form. The camera comes first; two taps and "Save report" finish the plain case. */
import { useState } from 'preact/hooks';
import type { ReportDraft } from '../../capture/types';
import { useApp } from '../app';
import { withinReach } from '../joining';
import { Chips, lastFirst, type Choice } from '../../parts/choices';
import { Fold } from '../../parts/fold';
import { Screen } from '../parts/frame';
import { Icon } from '../../parts/icons';
import { LongText } from '../../parts/long-text';
import { Said } from '../../parts/said';
import { back, replace } from '../../parts/route';
import { categoryName, hazardNames, nameOf, sizeChoices, wasteChoices } from '../../parts/words/names';
import { chooseHazards, chooseWaste, warning } from './hazards';
import { OneOfThese } from './one-of-these';
import { PhotoStrip } from './photos';
import { PlaceLine } from './place';
import { saveDraft, saveProblem, saving } from './saving';
import { HazardWarning } from './warning';

/** As many kinds as a phone shows without scrolling past the sizes. */
const FIRST_KINDS = 5;

export function ReportScreen({ draft }: { readonly draft: ReportDraft }) {
  const app = useApp();
  const { outbox, now } = app;
  const fields = draft.fields.value;
  const reference = outbox.data.reference.value;
  const candidates = fields.joins === null ? withinReach(outbox.data.cases.value, fields.kind, draft.position.value) : [];
  return (
    <Screen
      title={categoryName(reference, fields.category)}
      onBack={() => leave(app.draft, draft)}
      foot={<SaveFoot draft={draft} />}
    >
      <PlaceLine draft={draft} />
      <JoinNote draft={draft} />
      <PhotoStrip draft={draft} />
      <OneOfThese
        candidates={candidates}
        photos={draft.photos.value.length}
        now={now.value}
        onChoose={(chosen) => void saveDraft(app, draft, chosen)}
      />
      {reference === null ? (
        <Said tone="care" title="The lists of kinds and sizes are not on this phone yet">
          <p>Say what it is in the note. The report can be saved without them.</p>
        </Said>
      ) : null}
      {fields.kind === 'fly_tip' && reference !== null ? <WasteAndSize draft={draft} /> : null}
      <Hazards draft={draft} />
      <Rest draft={draft} />
      {warning.value === null ? null : (
        <HazardWarning
          hazard={hazardNames(reference, [warning.value])}
          onRead={() => {
            warning.value = null;
          }}
        />
      )}
    </Screen>
  );
}

/** Leaving keeps what was begun, offered again on the first screen; an untouched form leaves nothing behind. */
function leave(current: { value: ReportDraft | null }, draft: ReportDraft): void {
  const { waste, size, land, hazards, description, witnessed } = draft.fields.value;
  const touched =
    draft.photos.value.length + waste.length + hazards.length > 0 || size !== null || land !== null || witnessed;
  if (touched || description !== '') {
    void draft.keep();
  } else {
    current.value = null;
    void draft.discard();
  }
  saveProblem.value = null;
  back();
}

function JoinNote({ draft }: { readonly draft: ReportDraft }) {
  const { outbox } = useApp();
  const joins = draft.fields.value.joins;
  if (joins === null) return null;
  const known = outbox.data.cases.value.find(({ id }) => id === joins);
  return (
    <Said tone="plain" title={`This adds to case ${known?.reference ?? 'chosen before'}`}>
      <p>{known?.label ?? 'Its place is not named yet'}</p>
      <button type="button" class="button slim" onClick={() => draft.set({ joins: null })}>
        No, it is something new
      </button>
    </Said>
  );
}

function WasteAndSize({ draft }: { readonly draft: ReportDraft }) {
  const { outbox, capture } = useApp();
  const [all, setAll] = useState(false);
  // Read once: chips that change places while a thumb comes down are chips missed.
  const [last] = useState(capture.lastChoices.value);
  const reference = outbox.data.reference.value;
  const { waste, size } = draft.fields.value;
  const kinds = lastFirst(wasteChoices(reference), last.waste);
  const shown = all ? kinds : kinds.filter(({ code }, index) => index < FIRST_KINDS || waste.includes(code));
  return (
    <>
      <Chips
        legend="What is it?"
        choices={shown}
        chosen={waste}
        onChange={(codes) => chooseWaste(draft, codes)}
        more={
          kinds.length <= FIRST_KINDS ? null : (
            <button type="button" class="chip" aria-expanded={all} onClick={() => setAll(!all)}>
              <Icon name={all ? 'fewer' : 'plus'} />
              {all ? 'Fewer kinds' : 'More kinds'}
            </button>
          )
        }
      />
      <Chips
        legend="How much?"
        single
        choices={sizeChoices(reference)}
        chosen={size === null ? [] : [size]}
        onChange={([code]) => draft.set({ size: code ?? null })}
      />
    </>
  );
}

function Hazards({ draft }: { readonly draft: ReportDraft }) {
  const { outbox } = useApp();
  const reference = outbox.data.reference.value;
  const { hazards } = draft.fields.value;
  const choices: readonly Choice[] = reference?.hazards ?? [];
  if (choices.length === 0) return null;
  return (
    <Fold title="Anything dangerous?" holds={hazards.length === 0 ? 'Asbestos, needles, drums…' : hazardNames(reference, hazards)}>
      <Chips
        legend="What is dangerous?"
        care
        choices={choices}
        chosen={hazards}
        onChange={(codes) => chooseHazards(draft, codes)}
      />
    </Fold>
  );
}

function Rest({ draft }: { readonly draft: ReportDraft }) {
  const { outbox, capture } = useApp();
  const [last] = useState(capture.lastChoices.value);
  const reference = outbox.data.reference.value;
  const { description, land, witnessed } = draft.fields.value;
  const holds = [
    description === '' ? null : 'note written',
    witnessed ? 'seen happening' : null,
    land === null ? null : nameOf(reference?.land, land),
  ].filter((part) => part !== null);
  return (
    <Fold title="Note, witness, land" holds={holds.join(', ')} open={reference === null}>
      <LongText
        label="Note"
        value={description}
        onValue={(text) => draft.set({ description: text })}
      />
      <Chips
        legend="Did anyone see it happen?"
        choices={[{ code: 'yes', name: 'Yes, it was seen' }]}
        chosen={witnessed ? ['yes'] : []}
        onChange={(chosen) => draft.set({ witnessed: chosen.length > 0 })}
      />
      {reference === null ? null : (
        <Chips
          legend="What land is it on?"
          single
          choices={lastFirst(reference.land, last.land)}
          chosen={land === null ? [] : [land]}
          onChange={([code]) => draft.set({ land: code ?? null })}
        />
      )}
    </Fold>
  );
}

function SaveFoot({ draft }: { readonly draft: ReportDraft }) {
  const app = useApp();
  const problem = saveProblem.value ?? null;
  const full = app.capture.storage.value.words;
  return (
    <>
      {problem === null ? null : (
        <p class="red" role="alert">
          <strong>{problem}</strong>
        </p>
      )}
      {full === null ? null : <p class="amber small">{full}</p>}
      <button
        type="button"
        class="button main"
        aria-disabled={saving.value || draft.blocked.value !== null}
        onClick={() => void saveDraft(app, draft)}
      >
        <Icon name="save" />
        {saving.value ? 'Saving…' : 'Save report'}
      </button>
    </>
  );
}

/** The address of the form without a draft: opened from a bookmark, or after the draft was saved. */
export function NoDraft() {
  return (
    <Screen title="No report begun" onBack={() => replace()}>
      <p>There is no unsaved report on this phone.</p>
      <button type="button" class="button main" onClick={() => replace()}>
        Go to the first screen
      </button>
    </Screen>
  );
}
