/** One place that keeps being hit, with all the phone knows of it: none of it needs signal. */
import { useMemo } from 'preact/hooks';
import type { WithId } from '../../outbox/types';
import { Facts } from '../../parts/facts';
import { HourPlot, MonthPlot, WasteMix, WeekdayPlot } from '../../parts/place-plots';
import { href } from '../../parts/route';
import { jobVerb, nameOf, outcomeWords, wasteChoices } from '../../parts/words/names';
import { exactTime, saidDay, saidTime } from '../../parts/words/said';
import { saidChance, saidUsual } from '../../parts/words/usual';
import { sayDistance } from '../../shared/distance';
import type { HotspotEvidence, HotspotRow } from '../../wire/types';
import { useApp } from '../app';
import { hotspotMark, PhoneMap } from '../map/phone-map';
import { metresTo } from '../near';
import { AsOf } from '../parts/as-of';
import { Screen } from '../parts/frame';
import { useHere } from '../parts/here';
import { Navigate } from '../parts/navigate';
import '../../styles/low-map.css';
import '../../styles/plots.css';

export function HotspotScreen({ id }: { readonly id: string }) {
  const { outbox } = useApp();
  const place = outbox.data.hotspots.value.find((known) => known.id === id);
  const here = useHere();
  if (place === undefined) return <NoLongerListed />;
  const metres = metresTo(place, here);
  return (
    <Screen title={`Hotspot ${place.rank}`}>
      <p class="lead">{place.label ?? 'Place not named yet'}</p>
      <Usual place={place} />
      <Facts
        facts={[
          ['Cases', `${place.count}, from ${saidDay(place.first)} to ${saidDay(place.last)}`],
          ['Trend', place.trend],
          ['Extent', `${Math.round(place.extent_m)} m across`],
          ['From you', metres === null ? null : sayDistance(metres)],
        ]}
      />
      <p>When you pass, look. If something is there, report it: each report counts towards its rank.</p>
      <Navigate lat={place.lat} lon={place.lon} name={place.label} />
      <WhereItIs place={place} />
      {place.evidence === null || place.evidence === undefined ? null : <Evidence evidence={place.evidence} />}
      <AsOf />
    </Screen>
  );
}

/** A zoom at which a kilometre is seen, so that the roads around have their names. */
const WITH_ROAD_NAMES = 15;

function WhereItIs({ place }: { readonly place: WithId<HotspotRow> }) {
  const marks = useMemo(() => [hotspotMark(place)], [place]);
  return (
    <section class="part low-map" aria-label="Map of this place">
      <PhoneMap marks={marks} centre={place} closest={WITH_ROAD_NAMES} />
      <a class="button" href={href('map')}>
        See it among the others
      </a>
    </section>
  );
}

function Usual({ place: { count, kind = 'fly_tip', evidence } }: { readonly place: HotspotRow }) {
  if (typeof evidence?.expected !== 'number') return null;
  return (
    <p>
      <strong>{saidUsual({ count, kind, expected: evidence.expected }, evidence.days)}</strong> {saidChance(evidence.usual, null)}
    </p>
  );
}

/** The twelve months that end with `last`, "2026-11", each with its count. */
export function monthsUpTo(last: string, counts: readonly number[]): readonly { month: string; count: number }[] {
  const [year = 0, month = 0] = last.split('-').map(Number);
  const end = year * 12 + month - 1;
  return counts.map((count, index) => {
    const at = end - counts.length + 1 + index;
    return { month: `${Math.floor(at / 12)}-${String((at % 12) + 1).padStart(2, '0')}`, count };
  });
}

function Evidence({ evidence }: { readonly evidence: HotspotEvidence }) {
  const { outbox } = useApp();
  const names = wasteChoices(outbox.data.reference.value);
  const waste = evidence.waste.map((each) => (each.code === null ? each : { ...each, name: nameOf(names, each.code) }));
  return (
    <>
      <MonthPlot months={monthsUpTo(evidence.up_to, evidence.months)} />
      <HourPlot hours={evidence.hours} />
      <WeekdayPlot weekdays={evidence.weekdays} />
      <WasteMix waste={waste} />
      <Done done={evidence.done} />
    </>
  );
}

function Done({ done }: Pick<HotspotEvidence, 'done'>) {
  const { now } = useApp();
  return (
    <section class="part" aria-labelledby="done">
      <h2 id="done">What was done here</h2>
      {done.length === 0 ? <p class="soft">No job has a result here yet.</p> : null}
      <ul class="list">
        {done.map(({ kind, result, at }) => (
          <li key={`${kind} ${at}`}>
            {jobVerb[kind]}: {outcomeWords(kind, result).toLowerCase()},{' '}
            <time dateTime={at} title={exactTime(at)}>
              {saidTime(at, now.value)}
            </time>
          </li>
        ))}
      </ul>
    </section>
  );
}

function NoLongerListed() {
  return (
    <Screen title="No longer a hotspot">
      <p>This place has left the list since you opened it.</p>
      <a class="button" href={href('hotspots')}>
        See the list
      </a>
    </Screen>
  );
}
