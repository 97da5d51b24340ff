/** How to reach whoever sent a report: fetched only when an officer asks for it, and every look is on record. */
import { useState } from 'preact/hooks';
import { saidDay } from '../../parts/words/said';
import type { ReporterContact } from '../../wire/held-types';
import type { Id } from '../../wire/types';
import { useDesk } from '../desk';
import { useChange } from '../load';
import { DeskIcon } from './icons';
import { Failed } from './states';

interface ContactProps {
  readonly report: Id;
  readonly receiptCode: string;
  readonly onLooked?: () => void;
}

export function Contact({ report, receiptCode, onLooked }: ContactProps) {
  const desk = useDesk();
  const look = useChange();
  const [found, setFound] = useState<ReporterContact | null>(null);
  const show = (): void =>
    void look.run(
      () => desk.api.contact(report),
      (details) => {
        setFound(details);
        desk.said.value = `How to reach the sender of ${receiptCode} is shown`;
        onLooked?.();
      },
    );
  return (
    <div class="contact">
      {look.failure === null ? null : <Failed failure={look.failure} />}
      {found === null ? (
        <>
          <p class="soft">The sender may be contacted. Each look at how is written into the history, with your name.</p>
          <button type="button" class="button slim" aria-disabled={look.busy} onClick={show}>
            <DeskIcon name="contact" />
            <span>
              {look.busy ? 'Fetching…' : 'Show how to reach them'}
              <span class="out-of-sight">: report {receiptCode}</span>
            </span>
          </button>
        </>
      ) : (
        <>
          <Details found={found} />
          <button type="button" class="button slim" onClick={() => setFound(null)}>
            Hide it
          </button>
        </>
      )}
    </div>
  );
}

function Details({ found: { name, email, phone, erase_after } }: { readonly found: ReporterContact }) {
  return (
    <>
      <dl class="facts">
        <Line name="Name">{name}</Line>
        <Line name="Email" href="mailto:">
          {email}
        </Line>
        <Line name="Phone" href="tel:">
          {phone}
        </Line>
      </dl>
      <p class="soft">For this report only. Erased by itself on {saidDay(erase_after)}.</p>
    </>
  );
}

interface LineProps {
  readonly name: string;
  readonly href?: string;
  readonly children: string | null;
}

function Line({ name, href, children }: LineProps) {
  if (children === null) return null;
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>
        {href === undefined ? children : (
          <a class="touch" href={`${href}${encodeURI(href === 'tel:' ? children.replaceAll(' ', '') : children)}`}>
            {children}
          </a>
        )}
      </dd>
    </div>
  );
}
