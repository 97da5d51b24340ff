/** The council's people: invite, role, switch off. */
import { useState } from 'preact/hooks';
import type { Choice } from '../../parts/choices';
import { counted } from '../../parts/words/said';
import type { Person, SentLink } from '../../wire/desk-types';
import type { Role } from '../../wire/types';
import { withQuery } from '../../wire/desk-api';
import { address } from '../address';
import { useDesk } from '../desk';
import { useChange, usePaged } from '../load';
import { Check, SelectField, TextField } from '../parts/fields';
import { Page } from '../parts/page';
import { Sheet } from '../parts/sheet';
import { More } from '../parts/more';
import { SearchForm } from '../parts/search-form';
import { Failed, Shown } from '../parts/states';
import { Time } from '../parts/time';
import { roleNames } from '../words';
import { OneTimeLink } from './sent-link';

const roles: readonly Role[] = ['crew', 'officer', 'manager', 'admin'];
const roleChoices: readonly Choice[] = roles.map((code) => ({ code, name: roleNames[code] }));
const asRole = (code: string): Role => roles.find((role) => role === code) ?? 'crew';

type Open = { readonly form: 'invite' } | { readonly form: 'person'; readonly person: Person };

export function PeopleScreen() {
  const desk = useDesk();
  const { query } = address.value;
  const loaded = usePaged(withQuery('people', query), (page) => desk.api.people({ ...query, ...page }));
  const [open, setOpen] = useState<Open | null>(null);
  const session = desk.session.value;
  const mayChange = session.status === 'signed_in' && session.user.role === 'admin';
  const close = (): void => {
    setOpen(null);
    void loaded.reload();
  };
  return (
    <Page
      title="People"
      actions={
        mayChange ? (
          <button type="button" class="button slim main" onClick={() => setOpen({ form: 'invite' })}>
            Invite somebody…
          </button>
        ) : null
      }
    >
      {mayChange ? null : <p>You see who works here. Only an administrator invites people or changes what they may do: ask one.</p>}
      <SearchForm screen="people" label="Name or email" />
      <Shown loaded={loaded}>
        {({ items }) =>
          items.length === 0 ? (
            <p class="soft">Nobody fits this search.</p>
          ) : (
            <ul class="rows">
              {items.map((person) => (
                <PersonRow key={person.id} person={person} onOpen={mayChange ? () => setOpen({ form: 'person', person }) : null} />
              ))}
            </ul>
          )
        }
      </Shown>
      <More list={loaded} />
      {open?.form === 'invite' ? <Invite onClose={close} /> : null}
      {open?.form === 'person' ? <ChangePerson person={open.person} onClose={close} /> : null}
    </Page>
  );
}

function PersonRow({ person, onOpen }: { readonly person: Person; readonly onOpen: (() => void) | null }) {
  return (
    <li class="row-item">
      <p>
        <strong>{person.name}</strong> <span class="soft">{roleNames[person.role]}</span>
      </p>
      <p class="case-under">
        <span>{person.email}</span>
        <span>{counted(person.phones, 'phone')}</span>
        {person.last_seen_at === null ? <span>has never signed in</span> : (
          <span>
            last here <Time at={person.last_seen_at} />
          </span>
        )}
      </p>
      {person.disabled ? <p class="red">Switched off: cannot sign in</p> : null}
      {!person.disabled && !person.has_password ? <p class="amber">Invited, has not chosen a password</p> : null}
      {onOpen === null ? null : (
        <button type="button" class="button slim" onClick={onOpen}>
          <span>
            Change<span class="out-of-sight"> {person.name}</span>…
          </span>
        </button>
      )}
    </li>
  );
}

function Invite({ onClose }: { readonly onClose: () => void }) {
  const desk = useDesk();
  const [name, setName] = useState('');
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<Role>('crew');
  const [sent, setSent] = useState<SentLink | null>(null);
  const change = useChange();
  const fields = change.failure?.fields ?? {};
  const invite = (event: Event): void => {
    event.preventDefault();
    const body = { name: name.trim(), email: email.trim(), role };
    void change.run(() => desk.api.invite(body), (invited) => setSent(invited.invite));
  };
  return (
    <Sheet title="Invite somebody" onClose={onClose}>
      {sent !== null ? (
        <OneTimeLink sent={sent} purpose={`With this link ${name} chooses a password and is signed in.`} />
      ) : (
        <form class="stack" onSubmit={invite} noValidate>
          {change.failure === null ? null : <Failed failure={change.failure} />}
          <TextField label="Name" value={name} onValue={setName} problem={fields.name?.[0]} />
          <TextField label="Email" type="email" value={email} onValue={setEmail} problem={fields.email?.[0]} />
          <SelectField label="Role" value={role} choices={roleChoices} onValue={(code) => setRole(asRole(code))} />
          <div class="actions">
            <button type="submit" class="button main" aria-disabled={change.busy}>
              {change.busy ? 'Inviting…' : 'Invite'}
            </button>
          </div>
        </form>
      )}
    </Sheet>
  );
}

function ChangePerson({ person, onClose }: { readonly person: Person; readonly onClose: () => void }) {
  const desk = useDesk();
  const [name, setName] = useState(person.name);
  const [role, setRole] = useState<Role>(person.role);
  const [off, setOff] = useState(person.disabled);
  const [sent, setSent] = useState<SentLink | null>(null);
  const change = useChange();
  const fields = change.failure?.fields ?? {};
  const save = (event: Event): void => {
    event.preventDefault();
    const body = {
      ...(name.trim() === person.name ? {} : { name: name.trim() }),
      ...(role === person.role ? {} : { role }),
      ...(off === person.disabled ? {} : { disabled: off }),
    };
    if (Object.keys(body).length === 0) {
      onClose();
      return;
    }
    void change.run(
      () => desk.api.changePerson(person.id, body),
      () => {
        desk.said.value = `Saved ${name.trim()}`;
        onClose();
      },
    );
  };
  const purpose = person.has_password ? 'reset' : 'invite';
  return (
    <Sheet title={person.name} onClose={onClose}>
      {sent !== null ? <OneTimeLink sent={sent} purpose={`With this link ${person.name} chooses a new password.`} /> : (
        <form class="stack" onSubmit={save} noValidate>
          {change.failure === null ? null : <Failed failure={change.failure} />}
          <TextField label="Name" value={name} onValue={setName} problem={fields.name?.[0]} />
          <SelectField label="Role" value={role} choices={roleChoices} onValue={(code) => setRole(asRole(code))} problem={fields.role?.[0]} />
          <Check label="Switched off: cannot sign in, and every phone is signed out" checked={off} onChecked={setOff} />
          <div class="actions">
            <button type="submit" class="button main" aria-disabled={change.busy}>
              {change.busy ? 'Saving…' : 'Save'}
            </button>
            <button
              type="button"
              class="button"
              aria-disabled={change.busy}
              onClick={() => void change.run(() => desk.api.link(person.id, purpose), setSent)}
            >
              {purpose === 'reset' ? 'Link for a new password' : 'Another invitation link'}
            </button>
          </div>
        </form>
      )}
    </Sheet>
  );
}
