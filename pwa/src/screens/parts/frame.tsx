/** The frame of every screen: demo band, update bar, top bar with the waiting count, body, main action. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { WORDS } from '../../shared/words';
import { useApp } from '../app';
import { back, href, route } from '../../parts/route';
import { Icon } from '../../parts/icons';

interface ScreenProps {
  readonly title: string;
  /** The first screen has nowhere to go back to. */
  readonly first?: boolean;
  readonly onBack?: () => void;
  /** The main action, within the thumb's reach. */
  readonly foot?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Screen({ title, first = false, onBack = back, foot, children }: ScreenProps) {
  const heading = useFocusOnArrival(title);
  return (
    <>
      <Bands />
      <header class="bar">
        {first ? null : (
          <button type="button" class="round back" onClick={onBack}>
            <Icon name="back" />
            <span>Back</span>
          </button>
        )}
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        <WaitingCount />
      </header>
      <main class="screen">
        <div class="body">{children}</div>
        {foot === undefined ? null : <Foot>{foot}</Foot>}
      </main>
    </>
  );
}

/** A screen that says one thing in the middle of the phone. */
export function Moment({ title, children, foot }: Pick<ScreenProps, 'title' | 'children' | 'foot'>) {
  const heading = useFocusOnArrival(title);
  return (
    <>
      <Bands />
      <header class="bar end">
        <WaitingCount />
      </header>
      <main class="screen">
        <div class="moment">
          <Icon name="done" class="mark" />
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {children}
        </div>
        <Foot>{foot}</Foot>
      </main>
    </>
  );
}

function Foot({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="foot">
      <div>{children}</div>
    </div>
  );
}

let arrivals = 0;

/** Moves the focus to the heading on every screen change, so that screen readers and keys begin at the top. */
function useFocusOnArrival(title: string) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    arrivals += 1;
    if (arrivals === 1) return;
    window.scrollTo(0, 0);
    heading.current?.focus({ preventScroll: true });
  }, []);
  useEffect(() => {
    document.title = `${title} · Tipwatch`;
  }, [title]);
  return heading;
}

export function WaitingCount() {
  const { outbox } = useApp();
  const count = outbox.waiting.value;
  const trouble = outbox.items.value.some((item) => item.state === 'needs_you' || item.needsPlace);
  if (outbox.session.value.status === 'signed_out') return null;
  const tone = trouble ? ' trouble' : count === 0 ? ' clear' : '';
  return (
    <a class={`waiting${tone}`} href={href('waiting')}>
      {trouble ? <Icon name="alert" /> : null}
      <span class="figures">{count} waiting</span>
      {trouble ? <span class="out-of-sight">, one needs you</span> : null}
    </a>
  );
}

const STUCK_MS = 86_400_000;

/** What a person has to know whatever the screen shows. */
export function Bands() {
  const { outbox } = useApp();
  const session = outbox.session.value;
  // The page itself says it too, for screens that show before anybody has signed in.
  const demo = 'authority' in session ? session.authority.demo : 'demo' in document.documentElement.dataset;
  return (
    <aside aria-label="Notices">
      {demo ? <p class="band">Demo: not a real council</p> : null}
      <UpdateBar />
      {outbox.notice.value === null ? null : (
        <div class="notice" role="alert">
          <Icon name="alert" />
          <p>{outbox.notice.value}</p>
        </div>
      )}
      <Standing />
      <Stuck />
    </aside>
  );
}

/** Whether this phone may send at all: signed out at the council, or switched off. */
function Standing() {
  const { outbox } = useApp();
  const { status } = outbox.session.value;
  const here = route.value.parts[0];
  if (status === 'revoked' && here !== 'export') {
    return (
      <div class="notice">
        <Icon name="phone" />
        <p>Everything you saved is still on this phone. {outbox.waiting.value === 0 ? '' : 'Keep a copy for the office.'}</p>
        <a class="button slim" href={href('export')}>
          Keep a copy
        </a>
      </div>
    );
  }
  if (status !== 'paused' || here === 'sign-in') return null;
  return (
    <div class="notice">
      <Icon name="pause" />
      <p>{WORDS.paused}. You can go on saving; nothing is sent until then.</p>
      <a class="button slim" href={href('sign-in')}>
        Sign in
      </a>
    </div>
  );
}

/** Something has waited for more than a day though nothing is wrong with it: somebody should look. */
function Stuck() {
  const { outbox, now } = useApp();
  const { status } = outbox.session.value;
  const stuck = outbox.items.value.filter(
    ({ waiting, state, savedAt }) => waiting && state !== 'needs_you' && now.value.getTime() - Date.parse(savedAt) > STUCK_MS,
  );
  if (stuck.length === 0 || status !== 'signed_in' || route.value.parts[0] === 'waiting') return null;
  return (
    <div class="notice">
      <Icon name="wait" />
      <p>{stuck.length === 1 ? 'One thing has' : `${stuck.length} things have`} waited for more than a day.</p>
      <a class="button slim" href={href('waiting')}>
        See why
      </a>
    </div>
  );
}

/** Never over a draft: a reload would take the form away under the thumb. */
function UpdateBar() {
  const { outbox, updates, draft } = useApp();
  const needed = outbox.updateNeeded.value;
  if (draft.value !== null || !(needed || updates.ready.value)) return null;
  return (
    <div class="notice">
      <Icon name="refresh" />
      <p>{needed ? 'This Tipwatch is too old to show all the council’s lists. What you save is still sent.' : 'A newer Tipwatch is ready.'}</p>
      <button type="button" class="button slim" onClick={() => updates.apply()}>
        {updates.ready.value ? 'Use it now' : 'Look for a newer one'}
      </button>
    </div>
  );
}
