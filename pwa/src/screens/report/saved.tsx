/** The full-screen tick. Drawn only from the answer of a save that was read back. */
import { WORDS } from '../../shared/words';
import { beginReport, useApp, type JustSaved } from '../app';
import { Moment } from '../parts/frame';
import { Icon } from '../../parts/icons';
import { Said } from '../../parts/said';
import { go, replace } from '../../parts/route';
import { counted } from '../../parts/words/said';

export function SavedScreen({ saved }: { readonly saved: JustSaved }) {
  const app = useApp();
  const { id, kind, category, receiptCode, joined, photos, needsPlace } = saved;
  return (
    <Moment
      title={WORDS.saved}
      foot={
        <>
          <button type="button" class="button" onClick={() => beginReport(app, { kind, category })}>
            <Icon name="camera" />
            Another here
          </button>
          <button type="button" class="button main" onClick={() => replace()}>
            Done
          </button>
        </>
      }
    >
      {receiptCode === null ? null : (
        <p>
          Receipt code
          <br />
          <span class="code">{receiptCode}</span>
        </p>
      )}
      <p>
        {photos === 0 ? 'No photo' : counted(photos, 'photo')}
        {joined === null ? '' : `, added to ${joined}`}. It is sent by itself when there is signal{app.sendsClosed ? '' : ' and Tipwatch is open'}.
      </p>
      {needsPlace ? (
        <Said tone="care" title="It has no place yet">
          <p>GPS was not ready. Put a pin where it is.</p>
          <button type="button" class="button slim" onClick={() => go('sent', id, 'place')}>
            <Icon name="pin" />
            Put a pin
          </button>
        </Said>
      ) : null}
    </Moment>
  );
}
