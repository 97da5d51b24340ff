// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/preact';
import { signal } from '@preact/signals';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { replace } from '../../src/parts/route';
import { keepAwake } from '../../src/screens/awake';
import { Root } from '../../src/screens/root';
import { wrongParts } from '../../src/screens/sent/wrong-parts';
import type { OutboxItem, Refusal } from '../../src/outbox/types';
import { aCase, aJob, anItem, fakeApp, HERE, NOW } from './fakes';
import { heading, open, tap } from './hands';

/** The code of a seldom screen is fetched when it is first opened. */
const LOADING = { timeout: 20_000 };

const report: NonNullable<OutboxItem['report']> = {
  id: 'r1', kind: 'fly_tip', category: 'nonsense', seen_at: NOW.toISOString(), position: HERE, description: '', waste: [], size: null,
  land: null, hazards: [], witnessed: false, joins: null, photos: [], extra: {},
};
const refusal = (over: Partial<Refusal> = {}): Refusal => ({
  opId: 'o1', type: 'report.create', title: 'The report is missing something', detail: null,
  errors: { category: ['Choose one of the list.'], 'photos.0.bytes': ['Too large.'] }, text: '', photoIds: [], ...over,
});

beforeEach(() => replace());
afterEach(cleanup);

describe('what the council could not take', () => {
  it('is told part by part, and a report goes back to its form', async () => {
    const fake = fakeApp();
    fake.outbox.items.value = [anItem({ state: 'needs_you', words: 'Needs you', report, refused: refusal() })];
    open(fake, 'sent', 'r1');
    expect(await screen.findByText('What it is: Choose one of the list.', undefined, LOADING)).toBeTruthy();
    expect(screen.getByText('Photos: Too large.')).toBeTruthy();
    tap('Mend the report');
    await waitFor(() => expect(heading()).toBe('Fly-tip'));
    expect(fake.capture.mend).toHaveBeenCalledWith({ opId: 'o1', report, needsNewId: false });
  });

  it('a job result is mended with new words and without a bad photo', async () => {
    const fake = fakeApp();
    const refused = refusal({ type: 'job.result', text: 'x', photoIds: ['p1', 'p2'], errors: { reason: ['Say more.'] } });
    fake.outbox.items.value = [anItem({ id: 'o1', type: 'job.result', jobResult: 'cannot', state: 'needs_you', words: 'Needs you', refused })];
    open(fake, 'sent', 'o1', 'mend');
    expect(heading()).toBe('Mend and send again');
    expect(await screen.findByText('Why: Say more.', undefined, LOADING)).toBeTruthy();
    fireEvent.input(screen.getByLabelText('Why, or what you found'), { target: { value: 'Locked gate' } });
    tap('Leave photo 2 out');
    tap('Save and send again');
    await waitFor(() => expect(fake.outbox.mend).toHaveBeenCalledWith('o1', { text: 'Locked gate', photoIds: ['p1'] }));
    await waitFor(() => expect(heading()).toBe('Waiting to send'));
  });

  it('a photo that cannot go is left out only when the person says so', async () => {
    const fake = fakeApp();
    const photo = { id: 'p1', state: 'needs_you', bytes: 9, sent: 0, problem: 'This phone can no longer read this photo.' } as const;
    fake.outbox.items.value = [anItem({ state: 'needs_you', words: 'Needs you', photoList: [photo] })];
    open(fake, 'sent', 'r1');
    expect(fake.outbox.leaveOut).not.toHaveBeenCalled();
    tap('Go on without photo 1');
    await waitFor(() => expect(fake.outbox.leaveOut).toHaveBeenCalledWith('p1'));
  });

  it('is named by the words of the form, whatever shape the errors have', () => {
    expect(wrongParts({ 'photos.0.mime': ['Odd.'], photos: { 1: { bytes: ['Large.'] } }, some_new_member: ['Wrong.'] })).toEqual([
      { name: 'Photos', messages: ['Odd.', 'Large.'] },
      { name: 'some new member', messages: ['Wrong.'] },
    ]);
  });
});

describe('while it is sent', () => {
  it('each photo shows how far it is', () => {
    const fake = fakeApp();
    const photo = { bytes: 200, problem: null } as const;
    fake.outbox.items.value = [
      anItem({ photoList: [{ ...photo, id: 'p1', state: 'sending', sent: 50 }, { ...photo, id: 'p2', state: 'checked', sent: 200 }] }),
    ];
    open(fake, 'sent', 'r1');
    expect(screen.getByRole('progressbar', { name: 'Photo 1 sent' }).getAttribute('value')).toBe('25');
    expect(screen.getByText('Checked')).toBeTruthy();
  });

  it('the screen stays on, and goes dark as before afterwards', async () => {
    const [busy, waiting] = [signal(false), signal(1)];
    const release = vi.fn(() => Promise.resolve());
    const request = vi.fn(() => Promise.resolve({ release }));
    const stop = keepAwake({ busy, waiting }, { request });
    expect(request).not.toHaveBeenCalled();
    busy.value = true;
    expect(request).toHaveBeenCalledWith('screen');
    busy.value = false;
    await waitFor(() => expect(release).toHaveBeenCalledOnce());
    waiting.value = 0;
    busy.value = true;
    expect(request).toHaveBeenCalledOnce();
    stop();
  });

  it('goes on where the phone will not keep its screen on, or cannot', async () => {
    const [busy, waiting] = [signal(true), signal(1)];
    const stop = keepAwake({ busy, waiting }, { request: () => Promise.reject(new DOMException('flat', 'NotAllowedError')) });
    busy.value = false;
    // A refusal that nobody took would fail the whole run.
    await new Promise((resolve) => setTimeout(resolve, 10));
    stop();
    keepAwake({ busy, waiting }, undefined)();
  });

  it('a phone that sends only while open says so, and one that sends closed does not', () => {
    const fake = fakeApp();
    fake.outbox.items.value = [anItem()];
    render(<Root app={{ ...fake.app, sendsClosed: false }} />);
    cleanup();
    replace('waiting');
    render(<Root app={{ ...fake.app, sendsClosed: false }} />);
    expect(screen.getByText(/sends only while Tipwatch is open/)).toBeTruthy();
    cleanup();
    render(<Root app={fake.app} />);
    expect(screen.queryByText(/sends only while/)).toBeNull();
  });

  it('photos held for Wi-Fi can be sent all the same', () => {
    const fake = fakeApp();
    fake.outbox.photosHeld.value = true;
    fake.outbox.items.value = [anItem({ photos: { expected: 1, uploaded: 0, verified: 0, bytes: 9, bytesSent: 0 } })];
    open(fake, 'waiting');
    tap('Send photos now anyway');
    expect(fake.outbox.sendPhotosNow).toHaveBeenCalledOnce();
  });
});

describe('checking with the council', () => {
  it.each([
    [{ ok: true, asked: 3, again: 0, lost: 0 }, /has everything/],
    [{ ok: true, asked: 3, again: 2, lost: 0 }, /did not have 2 things/],
    [{ ok: true, asked: 3, again: 0, lost: 1 }, /neither there nor on this phone/],
    [{ ok: false, message: 'No signal: try later.' }, /No signal/],
  ] as const)('says what was found', async (result, words) => {
    const fake = fakeApp();
    fake.outbox.checkWithCouncil.mockResolvedValue(result);
    open(fake, 'waiting');
    tap('Check with the council');
    await waitFor(() => expect(screen.getByText(words)).toBeTruthy());
  });
});

describe('a shared, switched-off or long unseen phone', () => {
  it('shows what others left as a number and a name', () => {
    const fake = fakeApp();
    fake.outbox.others.value = [{ id: 'u2', name: 'A. Smith', waiting: 3 }];
    open(fake, 'waiting');
    expect(screen.getByText('3 unsent from A. Smith')).toBeTruthy();
  });

  it('does not hand one person’s open report to the next', async () => {
    const fake = fakeApp();
    open(fake);
    fake.app.draft.value = fake.capture.begin('fly_tip', 'fly_tip');
    const session = fake.outbox.session.value;
    if ('user' in session) fake.outbox.session.value = { ...session, user: { ...session.user, id: 'u2' } };
    await waitFor(() => expect(fake.app.draft.value).toBeNull());
  });

  it('says that everything is kept, and offers the file', async () => {
    const fake = fakeApp();
    const session = fake.outbox.session.value;
    if ('user' in session) fake.outbox.session.value = { ...session, status: 'revoked' };
    fake.outbox.notice.value = 'An officer switched this phone off.';
    fake.outbox.items.value = [anItem()];
    open(fake);
    expect(screen.getByText('An officer switched this phone off.')).toBeTruthy();
    fireEvent.click(screen.getByRole('link', { name: 'Keep a copy' }));
    fireEvent.click(await screen.findByRole('button', { name: 'Make the file' }, LOADING));
    await waitFor(() => expect(screen.getByRole('link', { name: 'Save tipwatch-unsent.zip' }).getAttribute('download')).toBe('tipwatch-unsent.zip'));
  });

  describe('counts the file as kept', () => {
    const makeFile = async (): Promise<ReturnType<typeof fakeApp>> => {
      const fake = fakeApp();
      open(fake, 'export');
      fireEvent.click(await screen.findByRole('button', { name: 'Make the file' }, LOADING));
      await screen.findByRole('link', { name: 'Save tipwatch-unsent.zip' });
      expect(fake.outbox.markExported).not.toHaveBeenCalled();
      return fake;
    };
    const sharing = (share: () => Promise<void>): void => {
      Object.assign(navigator, { canShare: () => true, share });
    };
    afterEach(() => {
      Reflect.deleteProperty(navigator, 'canShare');
      Reflect.deleteProperty(navigator, 'share');
    });

    it('when it is saved', async () => {
      const { outbox } = await makeFile();
      fireEvent.click(screen.getByRole('link', { name: 'Save tipwatch-unsent.zip' }));
      expect(outbox.markExported).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ name: 'tipwatch-unsent.zip' }));
    });

    it('when it was sent another way', async () => {
      sharing(() => Promise.resolve());
      const { outbox } = await makeFile();
      tap('Send it another way');
      await waitFor(() => expect(outbox.markExported).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ name: 'tipwatch-unsent.zip' })));
    });

    it('not when the phone’s own sheet was closed without choosing', async () => {
      const share = vi.fn(() => Promise.reject(new DOMException('closed', 'AbortError')));
      sharing(share);
      const { outbox } = await makeFile();
      tap('Send it another way');
      await new Promise((resolve) => setTimeout(resolve, 0));
      expect(share).toHaveBeenCalledOnce();
      expect(outbox.markExported).not.toHaveBeenCalled();
    });
  });

  it('asks to sign in before anything new after 14 days, and still shows what is saved', () => {
    const fake = fakeApp();
    const session = fake.outbox.session.value;
    if ('user' in session) fake.outbox.session.value = { ...session, graceEndsAt: '2026-11-20T07:00:00Z' };
    open(fake);
    tap('Report a fly-tip');
    expect(fake.capture.begin).not.toHaveBeenCalled();
    expect(fake.take).not.toHaveBeenCalled();
    expect(window.location.hash).toBe('#/sign-in');
  });

  it('tells of what has waited for more than a day', () => {
    const fake = fakeApp();
    fake.outbox.items.value = [anItem({ savedAt: '2026-11-19T07:00:00Z' })];
    open(fake);
    expect(screen.getByText('One thing has waited for more than a day.')).toBeTruthy();
    cleanup();
    fake.outbox.items.value = [anItem({ savedAt: '2026-11-19T07:30:00Z' })];
    open(fake);
    expect(screen.queryByText(/more than a day/)).toBeNull();
  });
});

describe('what was done here and the council does not show yet', () => {
  const mine = { itemId: 'o1', savedAt: NOW.toISOString(), state: 'saved', words: 'Saved on this phone' } as const;

  it('is drawn over jobs and cases', async () => {
    const fake = fakeApp();
    fake.outbox.data.jobs.value = [aJob({ notes: [{ ...mine, text: 'Gate locked' }] })];
    open(fake, 'job', 'j1');
    expect(screen.getByText('Gate locked')).toBeTruthy();
    cleanup();
    fake.outbox.data.cases.value = [aCase({ notes: [{ ...mine, text: 'Seen again' }], reports: [mine] })];
    open(fake, 'case', 'c1');
    expect(await screen.findByText('Seen again', undefined, LOADING)).toBeTruthy();
    expect(screen.getByText('You added here')).toBeTruthy();
  });
});

it('lets photos wait for Wi-Fi, and says plainly what that means on a phone that does not tell its link', async () => {
  const fake = fakeApp();
  open(fake, 'settings');
  expect(await screen.findByText(/does not tell Tipwatch whether it is on Wi-Fi/, undefined, LOADING)).toBeTruthy();
  fireEvent.click(screen.getByLabelText('Photos wait for Wi-Fi'));
  expect(fake.outbox.setPhotosWait).toHaveBeenCalledWith(true);
});
