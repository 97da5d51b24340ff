/** What the council could not take: what is wrong in plain words, and the way to mend it. Nothing of it has gone. */
import { useState } from 'preact/hooks';
import type { OutboxItem, Refusal } from '../../outbox/types';
import { go, href } from '../../parts/route';
import { Said } from '../../parts/said';
import { useApp } from '../app';
import { plainError } from '../words/errors';
import { wrongParts } from './wrong-parts';

interface RefusedProps {
  readonly item: OutboxItem;
  readonly refused: Refusal;
}

export function Refused({ item, refused }: RefusedProps) {
  return (
    <Said tone="bad" title={refused.title}>
      <WrongParts refused={refused} />
      <p>It is kept on this phone, and an officer can read it. Mend it and it is sent again.</p>
      <Mend item={item} refused={refused} />
    </Said>
  );
}

/** Each wrong part by the name it has on the form; the council's own words where it named none. */
export function WrongParts({ refused }: { readonly refused: Refusal }) {
  const parts = wrongParts(refused.errors);
  if (parts.length === 0) return refused.detail === null ? null : <p>{refused.detail}</p>;
  return (
    <ul class="plain">
      {parts.map(({ name, messages }) => (
        <li key={name}>
          {name}: {messages.join(' ')}
        </li>
      ))}
    </ul>
  );
}

function Mend({ item, refused }: RefusedProps) {
  const app = useApp();
  const [problem, setProblem] = useState<string | null>(null);
  const { report } = item;
  if (refused.type === 'report.locate') {
    return (
      <a class="button slim" href={href('sent', item.id, 'place')}>
        Put the pin again
      </a>
    );
  }
  if (refused.type !== 'report.create' || report === null) {
    return (
      <a class="button slim" href={href('sent', item.id, 'mend')}>
        Mend it
      </a>
    );
  }
  const mend = async (): Promise<void> => {
    try {
      app.draft.value = await app.capture.mend({ opId: refused.opId, report, needsNewId: 'id' in refused.errors });
      go('report');
    } catch (error) {
      setProblem(plainError(error));
    }
  };
  return (
    <>
      {problem === null ? null : <p role="alert">{problem}</p>}
      <button type="button" class="button slim" onClick={() => void mend()}>
        Mend the report
      </button>
    </>
  );
}
