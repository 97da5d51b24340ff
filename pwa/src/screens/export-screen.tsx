/** Everything not sent yet as one file: for a phone that was switched off, or that will not see signal again. */
import { useEffect, useState } from 'preact/hooks';
import type { Exported } from '../outbox/types';
import { Icon } from '../parts/icons';
import { Said } from '../parts/said';
import { counted } from '../parts/words/said';
import { useApp } from './app';
import { Screen } from './parts/frame';
import { plainError } from './words/errors';

interface Made {
  readonly url: string;
  readonly exported: Exported;
}

export function ExportScreen() {
  const [made, setMade] = useState<Made | null>(null);
  const [working, setWorking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { outbox, said } = useApp();
  useEffect(
    () => () => {
      if (made !== null) URL.revokeObjectURL(made.url);
    },
    [made],
  );
  const make = async (): Promise<void> => {
    if (working) return;
    setWorking(true);
    setProblem(null);
    try {
      const exported = await outbox.exportUnsent();
      setMade({ url: URL.createObjectURL(exported.file), exported });
      said.value = 'The file is ready';
    } catch (error) {
      setProblem(plainError(error));
    } finally {
      setWorking(false);
    }
  };
  const kept = async ({ exported }: Made): Promise<void> => {
    try {
      await outbox.markExported(exported);
    } catch (error) {
      setProblem(plainError(error));
    }
  };
  return (
    <Screen title="Keep a copy as a file">
      <p>
        One file with everything on this phone that the council has not confirmed yet, photos included. Give it to the
        office: they can read it in, and nothing is doubled if the phone sends after all.
      </p>
      <p>Everything stays on this phone as well.</p>
      {problem === null ? null : <Said tone="bad" title={problem} live />}
      {made === null ? (
        <button type="button" class="button main" aria-disabled={working} onClick={() => void make()}>
          <Icon name="save" />
          {working ? 'Making the file…' : 'Make the file'}
        </button>
      ) : (
        <Ready made={made} onKept={() => void kept(made)} />
      )}
    </Screen>
  );
}

interface ReadyProps {
  readonly made: Made;
  /** It was saved or shared, as far as the browser tells. */
  readonly onKept: () => void;
}

function Ready({ made: { url, exported }, onKept }: ReadyProps) {
  const { file, name, items } = exported;
  const size = `${Math.max(0.1, file.size / 1e6).toFixed(1)} MB`;
  return (
    <section class="part" aria-labelledby="ready">
      <h2 id="ready">The file is ready</h2>
      <p>
        {counted(items, 'thing')}, {size}. It holds photos and places: hand it to nobody but the office.
      </p>
      <a class="button main" href={url} download={name} onClick={onKept}>
        <Icon name="down" />
        Save {name}
      </a>
      <Share file={new File([file], name, { type: 'application/zip' })} onShared={onKept} />
    </section>
  );
}

/** Phones often have no folder a person can find again; a mail or a chat to the office works everywhere. */
function Share({ file, onShared }: { readonly file: File; readonly onShared: () => void }) {
  const able = 'canShare' in navigator && navigator.canShare({ files: [file] });
  if (!able) return null;
  // Closing the phone's own sheet without choosing is no failure.
  const share = (): void => void navigator.share({ files: [file] }).then(onShared, () => undefined);
  return (
    <button type="button" class="button" onClick={share}>
      <Icon name="send" />
      Send it another way
    </button>
  );
}
