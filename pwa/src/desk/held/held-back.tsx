/** What residents sent that waits for a person: look, let it go its way, or refuse it with a reason. */
import { useState } from 'preact/hooks';
import { withQuery } from '../../wire/desk-api';
import type { HeldList, HeldReport, HeldState } from '../../wire/held-types';
import { address, to } from '../address';
import { useDesk } from '../desk';
import { useChange, usePaged } from '../load';
import { More } from '../parts/more';
import { Page } from '../parts/page';
import { Failed, Shown } from '../parts/states';
import { Held } from './held-report';
import { RefuseSheet } from './refuse-sheet';

const tabs: readonly { code: HeldState; name: string }[] = [
  { code: 'waiting', name: 'Waiting' },
  { code: 'refused', name: 'Refused' },
];

export function HeldBackScreen() {
  const desk = useDesk();
  const state: HeldState = address.value.query.state === 'refused' ? 'refused' : 'waiting';
  const loaded = usePaged(withQuery('held', { state }), (page) => desk.api.heldBack({ state, ...page }));
  const release = useChange();
  const [refusing, setRefusing] = useState<HeldReport | null>(null);
  const letGo = ({ report_id, receipt_code }: HeldReport): void =>
    void release.run(
      () => desk.api.release(report_id),
      () => {
        desk.said.value = `${receipt_code} is released. It has its case in a moment, in the queue`;
        void loaded.reload();
      },
    );
  return (
    <Page title="Held back">
      <p class="soft">
        Residents’ reports that look as if a program or a flood had sent them. Each is kept whole, and has no case until you release it.
        Whoever sent it is not told.
      </p>
      <nav class="tabs" aria-label="Held back or refused">
        {tabs.map(({ code, name }) => (
          <a key={code} href={to(['held'], code === 'waiting' ? {} : { state: code })} aria-current={code === state ? 'page' : undefined}>
            {name}
            <span class="figures">{loaded.data?.counts[code] ?? ''}</span>
          </a>
        ))}
      </nav>
      {release.failure === null ? null : <Failed failure={release.failure} />}
      <Shown loaded={loaded}>
        {(list) => <List list={list} state={state} busy={release.busy} onRelease={letGo} onRefuse={setRefusing} />}
      </Shown>
      <More list={loaded} />
      {refusing === null ? null : (
        <RefuseSheet
          held={refusing}
          onClose={() => setRefusing(null)}
          onRefused={() => {
            setRefusing(null);
            void loaded.reload();
          }}
        />
      )}
    </Page>
  );
}

interface ListProps {
  readonly list: HeldList;
  readonly state: HeldState;
  readonly busy: boolean;
  readonly onRelease: (held: HeldReport) => void;
  readonly onRefuse: (held: HeldReport) => void;
}

function List({ list: { items }, state, busy, onRelease, onRefuse }: ListProps) {
  if (items.length === 0) {
    return <p>{state === 'waiting' ? 'Nothing is held back. Reports that look odd show here.' : 'Nothing was refused.'}</p>;
  }
  return (
    <ul class="rows">
      {items.map((held) => (
        <li key={held.report_id}>
          <Held held={held} busy={busy} onRelease={() => onRelease(held)} onRefuse={() => onRefuse(held)} />
        </li>
      ))}
    </ul>
  );
}
