/** Screens seldom needed: their code comes when they are first opened, so that reporting starts sooner. */
import type { ComponentType, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Said } from '../../parts/said';
import { Screen } from './frame';

/** A screen called `title`, the one that `load` brings, with a quiet wait before its first time. */
export function later<P extends object>(title: string, load: () => Promise<ComponentType<P>>): (props: P) => JSX.Element {
  let loaded: ComponentType<P> | null = null;
  return function Later(props) {
    const [, setLoaded] = useState(loaded !== null);
    const [failed, setFailed] = useState(false);
    useEffect(() => {
      if (loaded !== null) return;
      load().then(
        (component) => {
          loaded = component;
          setLoaded(true);
        },
        () => setFailed(true),
      );
    }, []);
    const Loaded = loaded;
    if (Loaded !== null) return <Loaded {...props} />;
    return (
      <Screen title={title}>
        {failed ? (
          <Said tone="care" title="This screen needs signal the first time">
            <p>Nothing you saved is touched. Go back, and open it again when there is signal.</p>
          </Said>
        ) : (
          <div class="skeleton" aria-busy="true" />
        )}
      </Screen>
    );
  };
}
