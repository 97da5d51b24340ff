/** Phones: when each was last heard of, what it still holds, and whose it is. */
import { useState } from 'preact/hooks';
import { counted } from '../../parts/words/said';
import type { Phone, SentLink } from '../../wire/desk-types';
import type { Choice } from '../../parts/choices';
import { withQuery } from '../../wire/desk-api';
import { address } from '../address';
import { useDesk } from '../desk';
import { useChange, useLoaded, usePaged, type Loaded } from '../load';
import { SelectField } from '../parts/fields';
import { Page } from '../parts/page';
import { Sheet } from '../parts/sheet';
import { More } from '../parts/more';
import { SearchForm } from '../parts/search-form';
import { Failed, Shown } from '../parts/states';
import { Time } from '../parts/time';
import { NotTaken } from './not-taken';
import { OneTimeLink } from './sent-link';

/** A clock that is off by less than this does no harm. */
const CLOCK_OFF_MS = 120_000;

export function PhonesScreen() {
  const desk = useDesk();
  const { query } = address.value;
  const loaded = usePaged(withQuery('phones', query), (page) => desk.api.phones({ ...query, ...page }));
  const [adding, setAdding] = useState(false);
  const [leaving, setLeaving] = useState<Phone | null>(null);
  return (
    <Page
      title="Phones"
      actions={
        <button type="button" class="button slim main" onClick={() => setAdding(true)}>
          Set up a phone…
        </button>
      }
    >
      <SearchForm screen="phones" label="Name of a phone or a person" />
      <Shown loaded={loaded}>
        {({ items }) => <Phones items={items} narrowed={(query.q ?? '') !== ''} onSwitchOff={setLeaving} />}
      </Shown>
      <More list={loaded} />
      <NotTaken />
      {adding ? (
        <SetUp
          onClose={() => {
            setAdding(false);
            void loaded.reload();
          }}
        />
      ) : null}
      {leaving === null ? null : <SwitchOff phone={leaving} loaded={loaded} onClose={() => setLeaving(null)} />}
    </Page>
  );
}

/** What the phone last told of itself, in words. */
export function saidUnsent({ unsent }: Pick<Phone, 'unsent'>): string {
  if (unsent === null) return 'Has not told what it holds';
  return unsent === 0 ? 'Nothing waits on it' : `${counted(unsent, 'item')} not sent yet`;
}

export function saidClock(offset: number | null): string | null {
  if (offset === null || Math.abs(offset) < CLOCK_OFF_MS) return null;
  const minutes = Math.round(Math.abs(offset) / 60_000);
  return `Its clock is ${counted(minutes, 'minute')} ${offset > 0 ? 'slow' : 'fast'}`;
}

interface PhonesProps {
  readonly items: readonly Phone[];
  readonly narrowed: boolean;
  readonly onSwitchOff: (phone: Phone) => void;
}

function Phones({ items, narrowed, onSwitchOff }: PhonesProps) {
  if (items.length === 0 && narrowed) return <p class="soft">No phone fits this search.</p>;
  if (items.length === 0) return <p class="soft">No phone is set up yet. Set one up to let a crew report and see its jobs.</p>;
  return (
    <ul class="rows">
      {items.map((phone) => (
        <li key={phone.id} class="row-item">
          <p>
            <strong>{phone.label}</strong>
          </p>
          <p class="case-under">
            <span>{phone.owner.name}</span>
            {phone.last_seen_at === null ? <span>never heard of</span> : (
              <span>
                last heard of <Time at={phone.last_seen_at} />
              </span>
            )}
            {phone.app_version === null ? null : <span>Tipwatch {phone.app_version}</span>}
          </p>
          <p class={(phone.unsent ?? 0) > 0 ? 'amber' : 'soft'}>
            {saidUnsent(phone)}
            {phone.oldest_unsent_at === null ? '' : <>, the oldest from <Time at={phone.oldest_unsent_at} /></>}
          </p>
          {saidClock(phone.clock_offset_ms) === null ? null : <p class="amber">{saidClock(phone.clock_offset_ms)}</p>}
          {phone.revoked_at === null ? (
            <button type="button" class="button slim" onClick={() => onSwitchOff(phone)}>
              <span>
                Switch off<span class="out-of-sight"> {phone.label}</span>…
              </span>
            </button>
          ) : (
            <p class="red">
              Switched off <Time at={phone.revoked_at} />
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}

function SetUp({ onClose }: { readonly onClose: () => void }) {
  const desk = useDesk();
  const people = useLoaded('everybody', () => desk.api.everybody());
  const [owner, setOwner] = useState('');
  const [wanting, setWanting] = useState<string | undefined>(undefined);
  const [sent, setSent] = useState<SentLink | null>(null);
  const change = useChange();
  const make = (event: Event): void => {
    event.preventDefault();
    setWanting(owner === '' ? 'Choose whose phone it is' : undefined);
    if (owner !== '') void change.run(() => desk.api.enrolmentCode(owner), setSent);
  };
  return (
    <Sheet title="Set up a phone" onClose={onClose}>
      {sent !== null ? (
        <OneTimeLink sent={sent} purpose="Scan the code with the phone’s camera, or open the link on the phone." />
      ) : (
        <form class="stack" onSubmit={make} noValidate>
          {change.failure === null ? null : <Failed failure={change.failure} />}
          <Shown loaded={people}>
            {(everybody) => (
              <SelectField label="Whose phone?" value={owner} choices={owners(everybody)} onValue={setOwner} problem={wanting} />
            )}
          </Shown>
          <div class="actions">
            <button type="submit" class="button main" aria-disabled={change.busy}>
              {change.busy ? 'Making the code…' : 'Show the code'}
            </button>
          </div>
        </form>
      )}
    </Sheet>
  );
}

function owners(people: readonly { id: string; name: string; disabled: boolean }[]): readonly Choice[] {
  const able = people.filter(({ disabled }) => !disabled).map(({ id, name }) => ({ code: id, name }));
  return [{ code: '', name: 'Choose a person' }, ...able];
}

interface SwitchOffProps {
  readonly phone: Phone;
  readonly loaded: Pick<Loaded<unknown>, 'reload'>;
  readonly onClose: () => void;
}

function SwitchOff({ phone, loaded, onClose }: SwitchOffProps) {
  const desk = useDesk();
  const change = useChange();
  const off = (): void =>
    void change.run(
      () => desk.api.switchOff(phone.id),
      () => {
        desk.said.value = `${phone.label} is switched off`;
        void loaded.reload();
        onClose();
      },
    );
  return (
    <Sheet title={`Switch off ${phone.label}?`} onClose={onClose}>
      <div class="stack">
        {change.failure === null ? null : <Failed failure={change.failure} />}
        <p>It can no longer send or fetch anything. {saidUnsent(phone)}; what waits on it stays on it.</p>
        <p>If the phone is found again, set it up anew: what waits is then sent.</p>
        <div class="actions">
          <button type="button" class="button danger" aria-disabled={change.busy} onClick={off}>
            {change.busy ? 'Switching off…' : 'Switch it off'}
          </button>
        </div>
      </div>
    </Sheet>
  );
}
