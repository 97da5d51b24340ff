/** Refusing a report that is held back: why, in words that stay with it. */
import type { HeldReport } from '../../wire/held-types';
import { useDesk } from '../desk';
import { WordsSheet } from '../parts/words-sheet';

interface RefuseSheetProps {
  readonly held: HeldReport;
  readonly onRefused: () => void;
  readonly onClose: () => void;
}

export function RefuseSheet({ held: { report_id, receipt_code }, onRefused, onClose }: RefuseSheetProps) {
  const desk = useDesk();
  return (
    <WordsSheet
      title={`Refuse ${receipt_code}`}
      label="Why?"
      field="reason"
      missing="Say why, in a few words: it stays with the report"
      button="Refuse it"
      doing="Refusing…"
      send={(reason) => desk.api.refuse(report_id, reason)}
      onSent={() => {
        desk.said.value = `${receipt_code} is refused`;
        onRefused();
      }}
      onClose={onClose}
    >
      <p>It gets no case. It is kept with its photos and your reason, and can still be released later.</p>
    </WordsSheet>
  );
}
