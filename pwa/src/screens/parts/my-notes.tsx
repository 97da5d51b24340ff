/** What was done here on this phone and the council's list does not show yet, drawn over the council's row. */
import type { CaseView, Mine } from '../../outbox/types';
import { href } from '../../parts/route';
import { saidTime } from '../../parts/words/said';
import { useApp } from '../app';
import { StateWords } from './state';

export function MyNotes({ notes }: { readonly notes: CaseView['notes'] }) {
  if (notes.length === 0) return null;
  return (
    <section class="part" aria-labelledby="my-notes">
      <h2 id="my-notes">Your notes</h2>
      <ul class="list">
        {notes.map((note) => (
          <Line key={note.itemId} mine={note} name={note.text} />
        ))}
      </ul>
    </section>
  );
}

export function MyReports({ reports }: { readonly reports: readonly Mine[] }) {
  if (reports.length === 0) return null;
  return (
    <section class="part" aria-labelledby="my-reports">
      <h2 id="my-reports">You added here</h2>
      <ul class="list">
        {reports.map((report) => (
          <Line key={report.itemId} mine={report} name="Your report" />
        ))}
      </ul>
    </section>
  );
}

function Line({ mine, name }: { readonly mine: Mine; readonly name: string }) {
  const { now } = useApp();
  return (
    <li>
      <a class="item" href={href('sent', mine.itemId)}>
        <span class="text">
          <span class="name">{name}</span>
          <span class="under">{saidTime(mine.savedAt, now.value)}</span>
          <StateWords state={mine.state} words={mine.words} />
        </span>
      </a>
    </li>
  );
}
