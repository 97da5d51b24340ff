/** A link that works once, shown the only time it can be: to copy, to scan, or already on its way by mail. */
import { useState } from 'preact/hooks';
import { exactTime } from '../../parts/words/said';
import type { SentLink } from '../../wire/desk-types';
import { useDesk } from '../desk';

interface OneTimeLinkProps {
  readonly sent: SentLink;
  readonly purpose: string;
}

/** A picture by its own address: the policy of the pages allows no markup from elsewhere, and needs none. */
function pictureAddress(svg: string): string {
  return `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
}

export function OneTimeLink({ sent, purpose }: OneTimeLinkProps) {
  const desk = useDesk();
  const [copied, setCopied] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(sent.link);
      setCopied('Copied');
      desk.said.value = 'Copied';
    } catch {
      setCopied('This browser does not let it be copied. Select the link and copy it by hand.');
    }
  };
  return (
    <div class="stack" role="group" aria-label="The link">
      <p>
        {purpose} It works once, until {exactTime(sent.expires_at)}, and is not shown again.
        {sent.mailed ? ' It has been sent by email.' : ' No email was sent: hand it over yourself.'}
      </p>
      {sent.qr_svg === null ? null : (
        <img class="qr" src={pictureAddress(sent.qr_svg)} alt="The link as a code to scan with the phone’s camera" />
      )}
      <p class="link-text">{sent.link}</p>
      <div class="actions">
        <button type="button" class="button slim main" onClick={() => void copy()}>
          Copy the link
        </button>
        {copied === '' ? null : <p>{copied}</p>}
      </div>
    </div>
  );
}
