/** Settling something that could not be taken in: what was done about it, in words that stay with it. */
import type { Stored } from '../../wire/desk-types';
import { useDesk } from '../desk';
import { WordsSheet } from '../parts/words-sheet';

interface SettleSheetProps {
  readonly item: Stored;
  readonly title: string;
  readonly onSettled: () => void;
  readonly onClose: () => void;
}

export function SettleSheet({ item, title, onSettled, onClose }: SettleSheetProps) {
  const desk = useDesk();
  return (
    <WordsSheet
      title={title}
      label="What was done about it?"
      field="note"
      missing="Say what was done about it, in a few words: it stays with what was sent"
      button="Settle it"
      doing="Settling…"
      send={(note) => desk.api.settleKept(item.id, note)}
      onSent={() => {
        desk.said.value = 'It is settled, and kept with your words';
        onSettled();
      }}
      onClose={onClose}
    >
      <p>It leaves this list. All that was sent is kept, with your words, under “Settled”.</p>
    </WordsSheet>
  );
}
