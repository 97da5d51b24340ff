/** The reports of a case and where each came from. */
import { Facts } from '../../parts/facts';
import { Icon } from '../../parts/icons';
import { hazardNames, nameOf } from '../../parts/words/names';
import { counted, exactTime } from '../../parts/words/said';
import type { DeskCase, DeskReport } from '../../wire/desk-types';
import { useDesk } from '../desk';
import { Contact } from '../parts/contact';
import { DeskIcon } from '../parts/icons';
import { flagWords, saidPosition, sourceName } from '../words';

interface ReportsPartProps {
  readonly known: DeskCase;
  readonly onSplit: (report: string) => void;
  /** A look at how to reach a sender has entered the history. */
  readonly onLooked: () => void;
}

export function ReportsPart({ known, onSplit, onLooked }: ReportsPartProps) {
  const many = known.reports_detail.length > 1;
  return (
    <section class="part" aria-labelledby="reports">
      <h2 id="reports">Reports</h2>
      {known.reports_detail.length === 0 ? <p class="soft">Its reports have moved to another case.</p> : null}
      {known.reports_detail.map((report) => (
        <Report key={report.id} report={report} onSplit={many && known.state !== 'closed' ? onSplit : null} onLooked={onLooked} />
      ))}
    </section>
  );
}

interface ReportProps {
  readonly report: DeskReport;
  readonly onSplit: ReportsPartProps['onSplit'] | null;
  readonly onLooked: () => void;
}

function Report({ report, onSplit, onLooked }: ReportProps) {
  const reference = useDesk().reference.value;
  const who = report.by === null || report.by === '' ? sourceName(report.source) : report.by;
  return (
    <article class="entry" aria-label={`Report ${report.receipt_code}`}>
      <h3>
        <span class="figures">{report.receipt_code}</span> <span class="soft">from {who}</span>
      </h3>
      {report.description === '' ? null : <blockquote>{report.description}</blockquote>}
      <Facts
        facts={[
          ['Seen', exactTime(report.seen_at)],
          ['Received', exactTime(report.received_at)],
          ['Position', saidPosition(report.position, report.where)],
          ['Waste', report.waste.map((code) => nameOf(reference?.waste, code)).join(', ')],
          ['Size', report.size === null ? null : nameOf(reference?.sizes, report.size)],
          ['Land', report.land === null ? null : nameOf(reference?.land, report.land)],
          ['Hazards', hazardNames(reference, report.hazards)],
          ['Witness', report.witnessed ? 'Somebody saw who did it' : null],
          ['Photos', report.photos.length === 0 ? 'None' : counted(report.photos.length, 'photo')],
        ]}
      />
      {report.flags.length === 0 ? null : (
        <ul class="flags" aria-label="To check">
          {report.flags.map((flag) => (
            <li key={flag}>
              <Icon name="alert" />
              {flagWords(flag)}
            </li>
          ))}
        </ul>
      )}
      {report.has_contact ? <Contact report={report.id} receiptCode={report.receipt_code} onLooked={onLooked} /> : null}
      {onSplit === null ? null : (
        <button type="button" class="button slim" onClick={() => onSplit(report.id)}>
          <DeskIcon name="split" />
          <span>
            Split off<span class="out-of-sight"> {report.receipt_code}</span>…
          </span>
        </button>
      )}
    </article>
  );
}
