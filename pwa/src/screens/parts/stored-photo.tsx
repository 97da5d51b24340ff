/** A photo kept on this phone, made small for the screen. */
import { useEffect, useState } from 'preact/hooks';
import { useApp } from '../app';
import type { Id } from '../../wire/types';
import { Icon } from '../../parts/icons';

type Shown = { state: 'loading' } | { state: 'shown'; url: string } | { state: 'blank'; words: string };

export function StoredPhoto({ id, name }: { readonly id: Id; readonly name: string }) {
  const { outbox, capture } = useApp();
  const [shown, setShown] = useState<Shown>({ state: 'loading' });
  useEffect(() => {
    let url: string | null = null;
    let gone = false;
    const load = async (): Promise<Shown> => {
      const stored = await outbox.photo(id);
      if (stored === null) return { state: 'blank', words: 'No longer on this phone' };
      url = await capture.thumbnail(stored.bytes, stored.mime);
      return url === null ? { state: 'blank', words: 'No preview' } : { state: 'shown', url };
    };
    load().then(
      (result) => {
        if (!gone) setShown(result);
        else if (url !== null) URL.revokeObjectURL(url);
      },
      () => setShown({ state: 'blank', words: 'Cannot be shown' }),
    );
    return () => {
      gone = true;
      if (url !== null) URL.revokeObjectURL(url);
    };
  }, [id]);
  if (shown.state === 'shown') return <img src={shown.url} alt={name} />;
  return (
    <span class="blank">
      {shown.state === 'loading' ? null : (
        <>
          <Icon name="image" />
          {shown.words}
        </>
      )}
    </span>
  );
}
