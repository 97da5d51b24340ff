/** The facts at the head of a case. */
import { Icon } from '../../parts/icons';
import { hazardNames } from '../../parts/words/names';
import { counted, exactTime } from '../../parts/words/said';
import type { DeskCase } from '../../wire/desk-types';
import { to } from '../address';
import { useDesk } from '../desk';
import { Time } from '../parts/time';
import { whatIs, Reasons } from '../queue/case-list';
import { flagWords, saidState, sourceName } from '../words';

export function CaseHead({ known }: { readonly known: DeskCase }) {
  const reference = useDesk().reference.value;
  const hazards = hazardNames(reference, known.hazards);
  const sources = [...new Set(known.reports_detail.map(({ source }) => sourceName(source)))].join(', ');
  return (
    <div class="case-head">
      <p class="case-facts">
        <strong class="figures">{known.reference}</strong>
        <span class={`pill ${known.state}`}>{saidState(known.state, known.closed_because)}</span>
        <span>{whatIs(reference, known)}</span>
        <span>
          {counted(known.reports, 'report')}
          {sources === '' ? '' : `: ${sources}`}
        </span>
        <span title={exactTime(known.opened_at)}>
          opened <Time at={known.opened_at} />
        </span>
        {known.hotspot_id === null ? null : <a href={to(['hotspots', known.hotspot_id])}>A place that keeps being hit</a>}
        {known.duplicate_of === null ? null : <a href={to(['cases', known.duplicate_of])}>The case it went into</a>}
      </p>
      {hazards === '' ? null : (
        <p class="danger-line">
          <Icon name="warning" />
          Hazards: {hazards}
        </p>
      )}
      {known.state === 'new' ? <Reasons reasons={known.why_here.filter((reason) => !reason.startsWith('hazard'))} /> : null}
      {known.flags.length === 0 ? null : (
        <ul class="flags" aria-label="To check">
          {known.flags.map((flag) => (
            <li key={flag}>
              <Icon name="alert" />
              {flagWords(flag)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
