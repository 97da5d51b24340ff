/** The map: outline, roads and names from the phone, with jobs, cases, hotspots and where you are. No tile server. */
import { useMemo, useState } from 'preact/hooks';
import { useApp } from '../app';
import { AsOf } from '../parts/as-of';
import { Chips } from '../../parts/choices';
import { Screen } from '../parts/frame';
import { go, href } from '../../parts/route';
import { jobVerb } from '../../parts/words/names';
import type { Mark } from '../../map/types';
import { hotspotMark, PhoneMap } from './phone-map';

const kinds = [
  { code: 'job', name: 'My jobs' },
  { code: 'hotspot', name: 'Hotspots' },
  { code: 'case', name: 'Open cases' },
];

/** The screen each mark leads to. */
const screens: Partial<Record<Mark['kind'], string>> = { job: 'job', case: 'case', hotspot: 'hotspots' };

function useMarks(shown: readonly string[]): readonly Mark[] {
  const { data } = useApp().outbox;
  const [cases, jobs, hotspots] = [data.cases.value, data.jobs.value, data.hotspots.value];
  return useMemo(() => {
    const marks: Mark[] = [];
    for (const { id, lat, lon, label, reference } of cases) {
      if (lat === null || lon === null) continue;
      marks.push({ id, kind: 'case', face: 'C', lat, lon, name: `Case ${reference}, ${label ?? 'not named'}` });
    }
    marks.push(...hotspots.map(hotspotMark));
    for (const { id, lat, lon, kind, label } of jobs) {
      if (lat === null || lon === null) continue;
      marks.push({ id, kind: 'job', face: 'J', lat, lon, name: `Job: ${jobVerb[kind]}, ${label ?? 'not named'}` });
    }
    return marks.filter(({ kind }) => shown.includes(kind));
  }, [cases, jobs, hotspots, shown]);
}

export function MapScreen() {
  const [shown, setShown] = useState<readonly string[]>(['job', 'hotspot', 'case']);
  return (
    <Screen title="Map">
      <PhoneMap marks={useMarks(shown)} onMark={({ kind, id }) => go(screens[kind] ?? '', id)} />
      <Chips legend="Show" choices={kinds} chosen={shown} onChange={setShown} />
      <ul class="key" aria-label="What the marks mean">
        <li>
          <span class="mark-on-map job">J</span> job
        </li>
        <li>
          <span class="mark-on-map hotspot">1</span> hotspot, its rank
        </li>
        <li>
          <span class="mark-on-map case">C</span> open case
        </li>
        <li>
          <span class="mark-on-map me" /> you
        </li>
      </ul>
      <nav class="row" aria-label="The same as lists">
        <a class="button" href={href('jobs')}>
          My jobs
        </a>
        <a class="button" href={href('hotspots')}>
          Hotspots
        </a>
        <a class="button" href={href('cases')}>
          Open cases
        </a>
      </nav>
      <AsOf />
    </Screen>
  );
}
