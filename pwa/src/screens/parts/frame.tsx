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

function Bands() {
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
      {session.status === 'paused' && route.value.parts[0] !== 'sign-in' ? (
        <div class="notice">
          <Icon name="pause" />
          <p>{WORDS.paused}. You can go on saving; nothing is sent until then.</p>
          <a class="button slim" href={href('sign-in')}>
            Sign in
          </a>
        </div>
      ) : null}
    </aside>
  );
}

/** Never over a draft: a reload would take the form away under the thumb. */
function UpdateBar() {
  const { updates, draft } = useApp();
  if (!updates.ready.value || draft.value !== null) return null;
  return (
    <div class="notice">
      <Icon name="refresh" />
      <p>A newer Tipwatch is ready.</p>
      <button type="button" class="button slim" onClick={() => updates.apply()}>
        Use it now
      </button>
    </div>
  );
}
