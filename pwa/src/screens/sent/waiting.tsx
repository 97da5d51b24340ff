/** Everything this phone still has to hand over, and what it handed over lately. */
import { useState } from 'preact/hooks';
import { useApp } from '../app';
import type { CheckResult, OutboxItem } from '../../outbox/types';
import { WORDS } from '../../shared/words';
import { Screen } from '../parts/frame';
import { Icon } from '../../parts/icons';
import { Paged } from '../parts/paged';
import { Row } from '../parts/rows';
import { Said } from '../../parts/said';
import { StateWords } from '../parts/state';
import { href } from '../../parts/route';
import { saidTime } from '../../parts/words/said';
import { placeOf, titleOf } from './titles';

export function WaitingScreen() {
  const { outbox } = useApp();
  const items = outbox.items.value;
  const waiting = items.filter((item) => item.waiting);
  const sent = items.filter((item) => !item.waiting);
  return (
    <Screen title="Waiting to send" foot={waiting.length > 0 ? <SendNow /> : undefined}>
      <Reached count={waiting.length} />
      <HeldForWifi />
      {waiting.length === 0 ? (
        <p>Nothing is waiting. What you save shows here until the council has it.</p>
      ) : (
        <Items items={waiting} label="Waiting" />
      )}
      {sent.length === 0 ? null : (
        <section class="part" aria-labelledby="sent-lately">
          <h2 id="sent-lately">Sent from this phone</h2>
          <Items items={sent} label="Sent" />
        </section>
      )}
      <EarlierReports />
      <OthersHere />
      <Check />
    </Screen>
  );
}

function Reached({ count }: { readonly count: number }) {
  const { outbox } = useApp();
  if (outbox.session.value.status === 'paused') {
    return (
      <Said tone="care" title={WORDS.paused}>
        <p>Everything stays on this phone. Sign in and sending goes on.</p>
        <a class="button slim" href={href('sign-in')}>
          Sign in
        </a>
      </Said>
    );
  }
  if (count === 0 || outbox.reach.value !== 'no_network') return null;
  return (
    <Said tone="care" title="The council cannot be reached just now">
      <p>No signal, or the line is down. Nothing is lost: it goes when there is signal and Tipwatch is open.</p>
    </Said>
  );
}

/** Photos the crew said are to wait for Wi-Fi; text has gone already. */
function HeldForWifi() {
  const { outbox } = useApp();
  if (!outbox.photosHeld.value || !outbox.items.value.some(({ photos }) => photos.uploaded < photos.expected)) return null;
  return (
    <Said tone="plain" title="Photos wait for Wi-Fi">
      <p>The reports themselves do not wait. You can change this in Settings.</p>
      <button type="button" class="button slim" onClick={() => void outbox.sendPhotosNow()}>
        Send photos now anyway
      </button>
    </Said>
  );
}

/** What others saved on this phone is theirs: counted, never shown, and sent only when they sign in here. */
export function OthersHere() {
  const { outbox } = useApp();
  const others = outbox.others.value;
  if (others.length === 0) return null;
  return (
    <Said tone="plain" title="Also on this phone">
      {others.map(({ id, name, waiting }) => (
        <p key={id}>
          {waiting} unsent from {name ?? 'somebody else'}
        </p>
      ))}
      <p>It is kept, and goes when they sign in on this phone.</p>
    </Said>
  );
}

/** Asks the council which things it really has, and sends again what it lost. */
function Check() {
  const { outbox } = useApp();
  const [checking, setChecking] = useState(false);
  const [result, setResult] = useState<CheckResult | null>(null);
  const check = async (): Promise<void> => {
    setChecking(true);
    setResult(null);
    try {
      setResult(await outbox.checkWithCouncil());
    } catch {
      setResult({ ok: false, message: 'This phone could not look through what it keeps. Close Tipwatch, open it and try again.' });
    } finally {
      setChecking(false);
    }
  };
  return (
    <section class="part" aria-label="Check with the council">
      {result === null ? null : (
        <Said tone={result.ok && result.lost === 0 ? 'good' : 'care'} title={result.ok ? 'Checked with the council' : 'Not checked'} live>
          <p>{found(result)}</p>
        </Said>
      )}
      <button type="button" class="button" aria-disabled={checking} onClick={() => checking || void check()}>
        <Icon name="refresh" />
        {checking ? 'Checking…' : 'Check with the council'}
      </button>
    </section>
  );
}

function found(result: CheckResult): string {
  if (!result.ok) return result.message;
  if (result.lost > 0) {
    return `${result.lost === 1 ? 'One photo is' : `${result.lost} photos are`} neither there nor on this phone any more. The report says which.`;
  }
  if (result.again > 0) return `It did not have ${result.again === 1 ? 'one thing' : `${result.again} things`} any more: sent again from this phone.`;
  return 'It has everything that this phone handed over.';
}

function SendNow() {
  const { outbox, said, sendsClosed } = useApp();
  const send = async (): Promise<void> => {
    said.value = 'Sending';
    await outbox.sendNow();
    said.value =
      outbox.reach.value === 'no_network'
        ? 'The council cannot be reached. Everything stays on this phone.'
        : `${outbox.waiting.value} waiting`;
  };
  const busy = outbox.busy.value;
  return (
    <>
      <p class="small">
        Nothing is deleted from this phone until the council has it.
        {sendsClosed ? '' : ' This phone sends only while Tipwatch is open.'}
      </p>
      <button type="button" class="button main" aria-disabled={busy} onClick={() => busy || void send()}>
        <Icon name="send" />
        {busy ? 'Sending… keep this open' : 'Send now'}
      </button>
    </>
  );
}

function Items({ items, label }: { readonly items: readonly OutboxItem[]; readonly label: string }) {
  const { outbox, now } = useApp();
  return (
    <ul class="list" aria-label={label}>
      {items.map((item) => (
        <li key={item.id}>
          <a class="item" href={href('sent', item.id)}>
            <span class="text">
              <span class="name">{placeOf(item, outbox.data) ?? titleOf(item, outbox.data)}</span>
              <span class="under">
                {placeOf(item, outbox.data) === null ? null : <span>{titleOf(item, outbox.data)}</span>}
                <span>{saidTime(item.savedAt, now.value)}</span>
              </span>
              <StateWords state={item.state} words={item.words} />
              <NextStep item={item} />
            </span>
          </a>
        </li>
      ))}
    </ul>
  );
}

/** What the person has to do, if anything: why it was refused comes before where it is. */
function NextStep({ item }: { readonly item: OutboxItem }) {
  if (item.needsPlace && item.state !== 'needs_you') {
    return <span class="state bad">{WORDS.needs_you}: pick the place</span>;
  }
  return item.note === null ? null : <span class="small wide">{item.note}</span>;
}

/** Reports the council has from this person that this phone no longer keeps. */
function EarlierReports() {
  const { outbox } = useApp();
  const here = new Set(outbox.items.value.map((item) => item.entityId));
  const earlier = outbox.data.myReports.value.filter(({ id }) => !here.has(id));
  if (earlier.length === 0) return null;
  return (
    <section class="part" aria-labelledby="earlier">
      <h2 id="earlier">Your earlier reports</h2>
      <Paged
        items={earlier}
        row={(report) => (
          <Row
            key={report.id}
            to={href('sent', report.id)}
            name={report.label ?? 'Place not named yet'}
            under={[report.receipt_code, report.case_reference]}
          />
        )}
      />
    </section>
  );
}
