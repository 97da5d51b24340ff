/** One place that keeps being hit: how often, when, what, which way it goes, what was done. */
import { useMemo } from 'preact/hooks';
import { MapView } from '../../map/map-view';
import type { Mark } from '../../map/types';
import { Facts } from '../../parts/facts';
import { jobVerb, nameOf, outcomeWords } from '../../parts/words/names';
import { counted, exactTime, saidDay } from '../../parts/words/said';
import { withQuery } from '../../wire/desk-api';
import type { HotspotMember, HotspotPlace } from '../../wire/figures-types';
import { address, goTo, to } from '../address';
import { useDesk } from '../desk';
import { useLoaded } from '../load';
import { Page } from '../parts/page';
import { Shown } from '../parts/states';
import { Time } from '../parts/time';
import { saidState } from '../words';
import { HourPlot, MonthPlot, WeekdayPlot, WasteMix } from './plots';
import { hotspotQuestion, saidWindow } from './question';

export function PlaceScreen({ id }: { readonly id: string }) {
  const desk = useDesk();
  const { query } = address.value;
  const question = hotspotQuestion(query);
  const loaded = useLoaded(withQuery(id, question), () => desk.api.hotspot(id, question));
  const place = loaded.data;
  const title = place === null ? 'Hotspot' : (place.label ?? 'Place not named yet');
  return (
    <Page
      key={title}
      title={title}
      actions={
        <a class="button slim" href={to(['hotspots'], query)}>
          All hotspots
        </a>
      }
    >
      <Shown loaded={loaded}>{(shown) => <Place place={shown} />}</Shown>
    </Page>
  );
}

function Place({ place }: { readonly place: HotspotPlace }) {
  const asAt = `Window ${saidWindow(place.window)}, as at ${exactTime(place.as_at)}.`;
  return (
    <>
      <p class="case-facts">
        <strong>{place.rank === null ? 'Not on the nightly list now' : `Rank ${place.rank}`}</strong>
        <span>{counted(place.count, 'case')}</span>
        <span>trend: {place.trend}</span>
        {place.busiest === null || place.busiest === '' ? null : <span>{place.busiest}</span>}
      </p>
      <p class="soft">{asAt}</p>
      <div class="list-and-map">
        <div class="column">
          <Facts
            facts={[
              ['First', saidDay(place.first)],
              ['Last', saidDay(place.last)],
              ['Extent', `${Math.round(place.extent_m)} m across`],
            ]}
          />
          <MonthPlot months={place.months} />
          <HourPlot hours={place.hours} />
          <WeekdayPlot weekdays={place.weekdays} />
          <WasteMix waste={place.waste} />
        </div>
        <PlaceMap place={place} />
      </div>
      <Members members={place.member_rows} />
      <Done place={place} />
    </>
  );
}

function PlaceMap({ place }: { readonly place: HotspotPlace }) {
  const desk = useDesk();
  const marks = useMemo<readonly Mark[]>(() => {
    const cases = place.member_rows.map(({ id, reference, lat, lon }) => {
      return { id, kind: 'case' as const, face: 'C', name: `Case ${reference}`, lat, lon };
    });
    const { id, rank, lat, lon, extent_m: extentM } = place;
    const face = rank === null ? 'H' : String(rank);
    return [...cases, { id, kind: 'hotspot', face, name: 'The middle of this place', lat, lon, extentM }];
  }, [place]);
  return (
    <section aria-label="Map of this place" class="beside">
      <MapView
        base={desk.map.value}
        bounds={null}
        marks={marks}
        me={null}
        onMark={({ kind, id }) => {
          if (kind === 'case') goTo(['cases', id]);
        }}
      />
    </section>
  );
}

function Members({ members }: { readonly members: readonly HotspotMember[] }) {
  const reference = useDesk().reference.value;
  return (
    <section class="part" aria-labelledby="members">
      <h2 id="members">Its cases</h2>
      <div class="scroll" tabIndex={0} role="group" aria-labelledby="members">
        <table class="figures-table">
          <thead>
            <tr>
              <th scope="col">Case</th>
              <th scope="col">Seen</th>
              <th scope="col">State</th>
              <th scope="col">Waste</th>
              <th scope="col">Reports</th>
            </tr>
          </thead>
          <tbody>
            {members.map(({ id, reference: name, seen_at, state, closed_because, waste, reports }) => (
              <tr key={id}>
                <th scope="row">
                  <a class="touch figures" href={to(['cases', id])}>
                    {name}
                  </a>
                </th>
                <td>
                  <Time at={seen_at} />
                </td>
                <td>{saidState(state, closed_because)}</td>
                <td>{waste === null ? 'Not said' : nameOf(reference?.waste, waste)}</td>
                <td class="number">{reports}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function Done({ place: { done } }: { readonly place: HotspotPlace }) {
  return (
    <section class="part" aria-labelledby="done">
      <h2 id="done">What was done here</h2>
      {done.length === 0 ? <p class="soft">No job has a result here yet.</p> : null}
      <ul class="links">
        {done.map(({ job_id, kind, result, at, case_id, case_reference }) => (
          <li key={job_id}>
            {jobVerb[kind]}: {outcomeWords(kind, result).toLowerCase()}
            <span class="soft">
              <Time at={at} />, case{' '}
              <a class="figures" href={to(['cases', case_id])}>
                {case_reference}
              </a>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
