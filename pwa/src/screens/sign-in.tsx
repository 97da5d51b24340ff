/** Signing in: with email and password, or by the link that was sent. */
import { useEffect, useId, useState } from 'preact/hooks';
import type { SignInResult } from '../outbox/types';
import { graceIsOver, useApp } from './app';
import { Screen } from './parts/frame';
import { Said } from '../parts/said';
import { replace, route } from '../parts/route';
import { OthersHere } from './sent/waiting';

export function SignInScreen() {
  const { outbox } = useApp();
  const paused = 'user' in outbox.session.value;
  const known = 'user' in outbox.session.value ? outbox.session.value.user.email : '';
  const id = useId();
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState('');
  const [shown, setShown] = useState(false);
  const { busy, problem, run } = useAttempt();
  const submit = (event: Event): void => {
    event.preventDefault();
    void run(() => outbox.signIn(email.trim(), password));
  };
  return (
    <Screen title={paused ? 'Sign in again' : 'Sign in to Tipwatch'} first={!paused}>
      {paused ? <p>What you saved is still on this phone. It is sent once you have signed in.</p> : null}
      <GraceOver />
      <OthersHere />
      {problem === null ? null : (
        <Said tone="bad" title="You are not signed in" live>
          <p>{problem}</p>
        </Said>
      )}
      <form class="part" onSubmit={submit} noValidate>
        <div class="field">
          <label for={`${id}-email`}>Email</label>
          <input
            id={`${id}-email`}
            type="email"
            autocomplete="username"
            required
            value={email}
            onInput={(event) => setEmail(event.currentTarget.value)}
          />
        </div>
        <div class="field">
          <label for={`${id}-password`}>Password</label>
          <PasswordInput id={`${id}-password`} shown={shown} value={password} onValue={setPassword} />
        </div>
        <button type="button" class="button" aria-pressed={shown} onClick={() => setShown(!shown)}>
          {shown ? 'Hide password' : 'Show password'}
        </button>
        <button type="submit" class="button main" aria-disabled={busy}>
          {busy ? 'Signing in…' : 'Sign in'}
        </button>
      </form>
      <section class="part" aria-labelledby="by-link">
        <h2 id="by-link">Were you sent a link?</h2>
        <p>Open the link you were sent on this phone: it signs you in, no password needed. It works once.</p>
      </section>
    </Screen>
  );
}

/** Why a new report could not be begun. */
function GraceOver() {
  const app = useApp();
  if (!graceIsOver(app)) return null;
  return (
    <Said tone="care" title="Sign in before you report something new">
      <p>
        The council has not known you on this phone for more than 14 days. Is today’s date right on the phone? What you
        saved stays here, and a report you have begun can still be saved.
      </p>
    </Said>
  );
}

function useAttempt() {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const run = async (attempt: () => Promise<SignInResult>): Promise<void> => {
    if (busy) return;
    setBusy(true);
    setProblem(null);
    const answer = await attempt();
    setBusy(false);
    if (!answer.ok) setProblem(answer.message);
    else if (['sign-in', 'enrol'].includes(route.value.parts[0] ?? '')) replace();
  };
  return { busy, problem, run };
}

interface PasswordInputProps {
  readonly id: string;
  readonly shown: boolean;
  readonly value: string;
  readonly onValue: (value: string) => void;
}

function PasswordInput({ id, shown, value, onValue }: PasswordInputProps) {
  const asked = {
    id,
    value,
    autocomplete: 'current-password',
    autocapitalize: 'none',
    spellcheck: false,
    required: true,
    onInput: (event: { currentTarget: HTMLInputElement }) => onValue(event.currentTarget.value),
  } as const;
  return shown ? <input type="text" {...asked} /> : <input type="password" {...asked} />;
}

/** The screen behind the link a crew member was sent. Asks for a tap: previews and scanners open links too. */
export function EnrolScreen({ code }: { readonly code: string }) {
  const { outbox } = useApp();
  const { busy, problem, run } = useAttempt();
  const enrol = (): void => void run(() => outbox.enrol(code));
  useEffect(() => {
    // The code works once; it must not stay in the address bar to be shared by mistake.
    history.replaceState(history.state, '', '#/enrol');
  }, []);
  return (
    <Screen title="Set up this phone" first>
      <p>This link makes this phone yours for Tipwatch and signs you in.</p>
      {problem === null ? null : (
        <Said tone="bad" title="The phone is not set up" live>
          <p>{problem}</p>
        </Said>
      )}
      <button type="button" class="button main" aria-disabled={busy} onClick={enrol}>
        {busy ? 'Setting up…' : 'Set up this phone'}
      </button>
    </Screen>
  );
}
