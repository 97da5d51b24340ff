/** The first screen: two ways to report, then what there is to do and to know nearby. */
import { useEffect, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import type { ReportDraft, ResultFields } from '../capture/types';
import type { DraftRow } from '../outbox/types';
import { WORDS } from '../shared/words';
import { beginReport, useApp } from './app';
import { nearestFirst } from './near';
import { AsOf, Empty } from './parts/as-of';
import { Screen } from './parts/frame';
import { useHere } from './parts/here';
import { Icon } from '../parts/icons';
import { Row } from './parts/rows';
import { Said } from '../parts/said';
import { go, href } from '../parts/route';
import { categoryName, hazardNames, outcomeWords } from '../parts/words/names';
import { counted, saidTime } from '../parts/words/said';
import { jobRow } from './work/jobs';
import { hotspotUnder, Rank } from './council/hotspot-row';

const SHOWN = 3;

export function HomeScreen() {
  const app = useApp();
  const known = app.outbox.data.asOf.value !== null;
  return (
    <Screen title="Tipwatch" first>
      <LeftBehind />
      <LeftResults />
      <section class="part" aria-label="Report">
        <button
          type="button"
          class="button main tall"
          onClick={() => beginReport(app, { kind: 'fly_tip', category: 'fly_tip' })}
        >
          <Icon name="camera" />
          Report a fly-tip
        </button>
        <button type="button" class="button" onClick={() => go('other')}>
          Report something else
        </button>
      </section>
      {known ? (
        <>
          <Jobs />
          <Hotspots />
          <Cases />
        </>
      ) : null}
      <nav class="row" aria-label="More">
        <a class="button" href={href('map')}>
          <Icon name="map" />
          Map
        </a>
        <a class="button" href={href('settings')}>
          <Icon name="settings" />
          Settings
        </a>
      </nav>
      <AsOf />
    </Screen>
  );
}

/** The draft a killed page left in storage; asked for once the screen shows. */
const left = signal<ReportDraft | null>(null);

function LeftBehind() {
  const app = useApp();
  const current = app.draft.value;
  useEffect(() => {
    left.value = current;
    if (current !== null) return;
    void app.capture.resume().then((draft) => {
      left.value = draft;
    });
  }, [current]);
  const draft = left.value;
  if (draft === null) return null;
  const fields = draft.fields.value;
  const carryOn = (): void => {
    app.draft.value = draft;
    go('report');
  };
  const throwAway = async (): Promise<void> => {
    await draft.discard();
    left.value = null;
    app.draft.value = null;
    app.said.value = 'The unsaved report was thrown away';
  };
  return (
    <Said tone="care" title={`${WORDS.draft}, not saved: ${categoryName(app.outbox.data.reference.value, fields.category)}`}>
      <p>
        {saidTime(fields.seen_at, app.now.value)}, {counted(draft.photos.value.length, 'photo')}
      </p>
      <div class="row">
        <button type="button" class="button slim" onClick={carryOn}>
          Carry on
        </button>
        <button type="button" class="button slim" onClick={() => void throwAway()}>
          Throw away
        </button>
      </div>
    </Said>
  );
}

/** Results of jobs that a killed page left in storage. */
function LeftResults() {
  const { outbox } = useApp();
  const [begun, setBegun] = useState<readonly DraftRow[]>([]);
  useEffect(() => {
    void outbox.drafts.results().then(setBegun, () => undefined);
  }, []);
  return begun.map(({ id, job, fields }) => {
    if (outbox.data.jobs.value.some((known) => known.id === job && known.mine !== null)) return null;
    const { about, result } = fields as ResultFields;
    return (
      <Said key={id} tone="care" title={`${WORDS.draft}, not saved: ${outcomeWords(about.kind, result)}`}>
        <p>{about.label ?? 'Place not named yet'}</p>
        <a class="button slim" href={href('job', job ?? '', result)}>
          Carry on
        </a>
      </Said>
    );
  });
}

interface HeadingProps {
  readonly id: string;
  readonly title: string;
  readonly count: number;
  readonly to: string;
}

function Heading({ id, title, count, to }: HeadingProps) {
  return (
    <div class="heading">
      <h2 id={id}>
        {title} <span class="figures">{count}</span>
      </h2>
      <a class="more" href={to}>
        See all<span class="out-of-sight"> {title}</span>
      </a>
    </div>
  );
}

function Jobs() {
  const { outbox } = useApp();
  const open = outbox.data.jobs.value.filter(({ mine }) => mine === null);
  const jobs = nearestFirst(open, useHere());
  return (
    <section class="part" aria-labelledby="my-jobs">
      <Heading id="my-jobs" title="My jobs" count={jobs.length} to={href('jobs')} />
      {jobs.length === 0 ? <Empty>No job is given to you.</Empty> : null}
      <ul class="list">{jobs.slice(0, SHOWN).map((job) => jobRow(job, outbox.data.reference.value))}</ul>
    </section>
  );
}

function Hotspots() {
  const { outbox } = useApp();
  const hotspots = nearestFirst(outbox.data.hotspots.value, useHere());
  return (
    <section class="part" aria-labelledby="hotspots-near">
      <Heading id="hotspots-near" title="Hotspots near you" count={hotspots.length} to={href('hotspots')} />
      {hotspots.length === 0 ? <Empty>No place keeps being hit.</Empty> : null}
      <ul class="list">
        {hotspots.slice(0, SHOWN).map((place) => (
          <Row
            key={place.id}
            to={href('hotspots', place.id)}
            lead={<Rank rank={place.rank} />}
            name={place.label ?? 'Place not named yet'}
            under={hotspotUnder(place)}
            metres={place.metres}
          />
        ))}
      </ul>
    </section>
  );
}

function Cases() {
  const { outbox, now } = useApp();
  const reference = outbox.data.reference.value;
  const cases = nearestFirst(outbox.data.cases.value, useHere());
  return (
    <section class="part" aria-labelledby="cases-near">
      <Heading id="cases-near" title="Open cases nearby" count={cases.length} to={href('cases')} />
      {cases.length === 0 ? <Empty>No case is open.</Empty> : null}
      <ul class="list">
        {cases.slice(0, SHOWN).map((known) => (
          <Row
            key={known.id}
            to={href('case', known.id)}
            name={known.label ?? 'Place not named yet'}
            under={[categoryName(reference, known.category), saidTime(known.opened_at, now.value)]}
            metres={known.metres}
            danger={hazardNames(reference, known.hazards)}
          />
        ))}
      </ul>
    </section>
  );
}
