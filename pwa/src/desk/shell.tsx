/** What lies around every screen: the demo band, the rail, and what is wrong with the connection or the session. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../parts/icons';
import { address, to } from './address';
import { attempt, openDesk, useDesk, type Desk } from './desk';
import { DeskIcon, type DeskIconName } from './parts/icons';

const COUNT_EVERY_MS = 30_000;

interface Place {
  readonly name: string;
  readonly words: string;
  readonly icon: DeskIconName;
  readonly admin?: true;
}

interface Count {
  readonly count: number | null;
  readonly words: string;
}

const places: readonly Place[] = [
  { name: 'cases', words: 'Queue', icon: 'queue' },
  { name: 'held', words: 'Held back', icon: 'held' },
  { name: 'hotspots', words: 'Hotspots', icon: 'hotspots' },
  { name: 'jobs', words: 'Jobs', icon: 'jobs' },
  { name: 'overview', words: 'Overview', icon: 'overview' },
  { name: 'phones', words: 'Phones', icon: 'phones' },
  { name: 'people', words: 'People', icon: 'people', admin: true },
];

/** Signing in leads back to the very screen that was asked for. */
export function signInAddress(): string {
  return `/sign-in?next=${encodeURIComponent(`/desk${location.hash}`)}`;
}

/** How many cases wait, kept fresh while somebody looks. */
function useCount(desk: Desk): void {
  useEffect(() => {
    const count = async (): Promise<void> => {
      if (document.visibilityState !== 'visible') return;
      const answer = await attempt(desk, () => desk.api.cases({ state: 'new', limit: '1' }));
      if (answer.ok) desk.toReview.value = answer.value.counts.new ?? null;
      const held = await attempt(desk, () => desk.api.heldBack({ limit: '1' }));
      if (held.ok) desk.heldBack.value = held.value.counts.waiting;
    };
    void count();
    const timer = setInterval(() => void count(), COUNT_EVERY_MS);
    return () => clearInterval(timer);
  }, [desk.changes.value]);
}

interface ShellProps {
  readonly onKeys: () => void;
  readonly children: ComponentChildren;
}

export function Shell({ onKeys, children }: ShellProps) {
  const desk = useDesk();
  useCount(desk);
  return (
    <>
      <a class="skip" href="#desk-main" onClick={toMain}>
        Skip to the main content
      </a>
      <Bands />
      <div class="frame">
        <Rail onKeys={onKeys} />
        <main id="desk-main" class="desk-main" tabIndex={-1}>
          {children}
        </main>
      </div>
    </>
  );
}

/** The address's hash names the screen, so the skip link moves the focus itself. */
function toMain(event: Event): void {
  event.preventDefault();
  document.getElementById('desk-main')?.focus();
}

function Rail({ onKeys }: { readonly onKeys: () => void }) {
  const desk = useDesk();
  const [open, setOpen] = useState(false);
  const session = desk.session.value;
  const here = address.value.parts[0] ?? 'cases';
  const counts: Readonly<Record<string, Count>> = {
    cases: { count: desk.toReview.value, words: 'to review' },
    // Most days nothing is held back: then there is nothing to say.
    held: { count: desk.heldBack.value === 0 ? null : desk.heldBack.value, words: 'waiting' },
  };
  const admin = session.status === 'signed_in' && session.user.role === 'admin';
  useEffect(() => setOpen(false), [address.value]);
  return (
    <header class={open ? 'rail open' : 'rail'}>
      <div class="rail-top">
        <p class="brand">Tipwatch</p>
        <button type="button" class="button slim menu" aria-expanded={open} onClick={() => setOpen(!open)}>
          <DeskIcon name="menu" />
          Menu
        </button>
      </div>
      <nav aria-label="Desk">
        <ul>
          {places
            .filter((place) => place.admin === undefined || admin)
            .map(({ name, words, icon }) => (
              <li key={name}>
                <a class="rail-link" href={to([name])} aria-current={here === name ? 'page' : undefined}>
                  <DeskIcon name={icon} />
                  <span>{words}</span>
                  <Counted {...counts[name]} />
                </a>
              </li>
            ))}
        </ul>
      </nav>
      <Foot onKeys={onKeys} />
    </header>
  );
}

function Counted({ count = null, words = '' }: Partial<Count>) {
  if (count === null) return null;
  return (
    <span class="count figures">
      {count}
      <span class="out-of-sight"> {words}</span>
    </span>
  );
}

function Foot({ onKeys }: { readonly onKeys: () => void }) {
  const desk = useDesk();
  const session = desk.session.value;
  const leave = async (): Promise<void> => {
    const answer = await attempt(desk, () => desk.council.signOut());
    if (answer.ok) desk.session.value = { status: 'signed_out' };
    else desk.said.value = `You are still signed in. ${answer.failure.detail}`;
  };
  return (
    <div class="rail-foot">
      {session.status === 'signed_in' ? (
        <p class="who">
          <strong>{session.user.name}</strong>
          <span class="soft">{session.authority.name}</span>
        </p>
      ) : null}
      <button type="button" class="rail-link" onClick={onKeys}>
        <DeskIcon name="keys" />
        Keys
      </button>
      <button type="button" class="rail-link" onClick={() => void leave()}>
        <DeskIcon name="signOut" />
        Sign out
      </button>
    </div>
  );
}

function Bands() {
  const desk = useDesk();
  const session = desk.session.value;
  const demo = session.status === 'signed_in' ? session.authority.demo : 'demo' in document.documentElement.dataset;
  return (
    <aside class="bands" aria-label="Notices">
      {demo ? <p class="band">Demo: not a real council</p> : null}
      {desk.reached.value ? null : (
        <div class="notice" role="alert">
          <Icon name="offline" />
          <p>No connection to the council. What you see may be old, and nothing can be changed until it is back.</p>
        </div>
      )}
      {desk.ended.value ? (
        <div class="notice" role="alert">
          <Icon name="pause" />
          <p>You have been signed out. What you typed is still here: sign in in another tab, then come back.</p>
          <a class="button slim" href={signInAddress()} target="_blank">
            Sign in
          </a>
          <button type="button" class="button slim" onClick={() => void openDesk(desk)}>
            I have signed in
          </button>
        </div>
      ) : null}
    </aside>
  );
}
