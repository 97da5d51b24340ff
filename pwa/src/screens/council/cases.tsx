/** Open cases, nearest first, so that a crew sees what is known before reporting it again. */
import type { CaseView } from '../../outbox/types';
import { beginReport, useApp } from '../app';
import { metresTo, nearestFirst } from '../near';
import { AsOf, Empty } from '../parts/as-of';
import { CouncilPhoto } from '../parts/council-photo';
import { Danger } from '../parts/danger';
import { Facts } from '../../parts/facts';
import { Fold } from '../../parts/fold';
import { Screen } from '../parts/frame';
import { useHere } from '../parts/here';
import { Icon } from '../../parts/icons';
import { Navigate } from '../parts/navigate';
import { MyNotes, MyReports } from '../parts/my-notes';
import { NoteForm } from '../parts/note-form';
import { Paged } from '../parts/paged';
import { Row } from '../parts/rows';
import { href } from '../../parts/route';
import { categoryName, hazardNames } from '../../parts/words/names';
import { exactTime, saidTime } from '../../parts/words/said';
import { sayDistance } from '../../shared/distance';

export function CasesScreen() {
  const { outbox, now } = useApp();
  const here = useHere();
  const reference = outbox.data.reference.value;
  const cases = nearestFirst(outbox.data.cases.value, here);
  return (
    <Screen title="Open cases nearby">
      <AsOf />
      {cases.length === 0 ? <Empty>No case is open.</Empty> : null}
      {here === null && cases.length > 0 ? (
        <p class="small soft">Your position is not known yet, so they are not in order of distance.</p>
      ) : null}
      <Paged
        items={cases}
        row={(known) => (
          <Row
            key={known.id}
            to={href('case', known.id)}
            name={known.label ?? 'Place not named yet'}
            under={[
              known.reference,
              categoryName(reference, known.category),
              `opened ${saidTime(known.opened_at, now.value)}`,
            ]}
            metres={known.metres}
            danger={hazardNames(reference, known.hazards)}
          />
        )}
      />
    </Screen>
  );
}

export function CaseScreen({ id }: { readonly id: string }) {
  const { outbox } = useApp();
  const known = outbox.data.cases.value.find((one) => one.id === id);
  if (known === undefined) {
    return (
      <Screen title="No longer open">
        <p>The council has closed this case, or it is not on this phone’s list.</p>
        <a class="button" href={href('cases')}>
          Open cases nearby
        </a>
      </Screen>
    );
  }
  return <OpenCase known={known} />;
}

function OpenCase({ known }: { readonly known: CaseView }) {
  const app = useApp();
  const { outbox } = app;
  const reference = outbox.data.reference.value;
  const metres = metresTo(known, useHere());
  const hazards = hazardNames(reference, known.hazards);
  const { id, kind, category } = known;
  return (
    <Screen
      title="Open case"
      foot={
        <button type="button" class="button main" onClick={() => beginReport(app, { kind, category, joins: id })}>
          <Icon name="camera" />
          Add a photo to this case
        </button>
      }
    >
      <p class="lead">{known.label ?? 'Place not named yet'}</p>
      {hazards === '' ? null : <Danger hazards={hazards} />}
      <Facts
        facts={[
          ['Case', known.reference],
          ['What', categoryName(reference, category)],
          ['Opened', exactTime(known.opened_at)],
          ['From you', metres === null ? null : sayDistance(metres)],
        ]}
      />
      {known.thumb_photo_id === null ? null : (
        <CouncilPhoto id={known.thumb_photo_id} variant="large" name="Photo of the case" />
      )}
      <Navigate lat={known.lat} lon={known.lon} name={known.label} />
      <MyReports reports={known.reports} />
      <MyNotes notes={known.notes} />
      <Fold title="Write a note">
        <NoteForm target={{ case: id }} />
      </Fold>
    </Screen>
  );
}
