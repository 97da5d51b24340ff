// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, waitFor, within } from '@testing-library/preact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SaveError } from '../../src/outbox/words';
import { replace } from '../../src/parts/route';
import { aCase, fakeApp, fakeDraft, HERE } from './fakes';
import { heading, open, shoot, tap } from './hands';

beforeEach(() => replace());
afterEach(cleanup);

describe('reporting a fly-tip', () => {
  it('takes six taps from open to saved, two of them the phone’s own', async () => {
    const fake = fakeApp();
    open(fake);
    tap('Report a fly-tip'); // 1; the camera opens inside this tap
    expect(fake.take).toHaveBeenCalledWith('camera', expect.any(Function));
    await shoot(fake); // 2 shutter, 3 use photo
    await waitFor(() => expect(heading()).toBe('Fly-tip'));
    fireEvent.click(screen.getByLabelText('Tyres')); // 4
    fireEvent.click(screen.getByLabelText('Item')); // 5
    tap('Save report'); // 6
    await waitFor(() => expect(heading()).toBe('Saved on this phone'));
    const draft = fake.drafts[0];
    expect(draft?.fields.value).toMatchObject({ kind: 'fly_tip', waste: ['tyres'], size: 'single_item' });
    expect(draft?.photos.value).toHaveLength(1);
    expect(screen.getByText('7K3MQ-2PXD9')).toBeTruthy();
  });

  it('stores the draft before the camera opens', () => {
    const fake = fakeApp();
    const order: string[] = [];
    fake.take.mockImplementation(() => void order.push('camera'));
    fake.capture.begin.mockImplementation((kind, category) => {
      const draft = fakeDraft(kind, category);
      draft.keep.mockImplementation(() => {
        order.push('stored');
        return Promise.resolve();
      });
      return draft;
    });
    open(fake);
    tap('Report a fly-tip');
    expect(order).toEqual(['stored', 'camera']);
  });

  it('says “saved” only once the outbox has answered, and one tap saves once', async () => {
    const fake = fakeApp();
    let answer: () => void = () => undefined;
    const draft = fakeDraft('fly_tip', 'fly_tip');
    draft.save.mockImplementation(
      () =>
        new Promise((resolve) => {
          answer = () => resolve({ opId: 'o', entityId: 'r9', receiptCode: 'A', savedAt: HERE.fixed_at });
        }),
    );
    fake.app.draft.value = draft;
    open(fake, 'report');
    tap('Save report');
    tap(/Saving/);
    await waitFor(() => expect(draft.save).toHaveBeenCalledTimes(1));
    expect(screen.queryByText('Saved on this phone')).toBeNull();
    await act(async () => {
      answer();
      await Promise.resolve();
    });
    await waitFor(() => expect(heading()).toBe('Saved on this phone'));
  });

  it('keeps the form and says why when it could not be saved', async () => {
    const fake = fakeApp();
    const draft = fakeDraft('fly_tip', 'fly_tip');
    draft.save.mockRejectedValue(new SaveError('full'));
    fake.app.draft.value = draft;
    open(fake, 'report');
    tap('Save report');
    await waitFor(() => expect(screen.getByRole('alert').textContent).toMatch(/Phone nearly full/));
    expect(heading()).toBe('Fly-tip');
    expect(fake.app.draft.value).toBe(draft);
  });

  it('saves without a position and then asks for a pin', async () => {
    const fake = fakeApp();
    fake.gps.value = null;
    open(fake);
    tap('Report a fly-tip');
    await waitFor(() => expect(heading()).toBe('Fly-tip'));
    tap('Save report');
    await waitFor(() => expect(heading()).toBe('Saved on this phone'));
    expect(screen.getByText('It has no place yet')).toBeTruthy();
  });

  it('waits for a photo still on its way, so that a quick thumb cannot leave it out', async () => {
    const fake = fakeApp();
    open(fake);
    tap('Report a fly-tip');
    await waitFor(() => expect(heading()).toBe('Fly-tip'));
    const draft = fake.drafts[0];
    if (draft === undefined) throw new Error('no draft was begun');
    let arrive: () => void = () => undefined;
    draft.addPhotos.mockImplementation(
      () =>
        new Promise((resolve) => {
          arrive = () => {
            draft.photos.value = [{ id: 'p1', size: 5, mime: 'image/jpeg', thumbUrl: null }];
            resolve([]);
          };
        }),
    );
    await shoot(fake);
    tap('Save report');
    await new Promise((later) => setTimeout(later, 20));
    expect(draft.save).not.toHaveBeenCalled();
    arrive();
    await waitFor(() => expect(heading()).toBe('Saved on this phone'));
    expect(screen.getByText(/^1 photo\. /)).toBeTruthy();
  });

  it('goes on with the stored draft when the phone killed the page behind the camera', async () => {
    const fake = fakeApp();
    const kept = fakeDraft('fly_tip', 'fly_tip');
    fake.capture.resume.mockResolvedValue(kept);
    open(fake, 'report');
    await waitFor(() => expect(heading()).toBe('Fly-tip'));
    expect(fake.app.draft.value).toBe(kept);
  });

  it('offers the kinds used last first', () => {
    const fake = fakeApp();
    fake.capture.lastChoices.value = { waste: ['green', 'tyres'], sizes: [], land: [] };
    fake.app.draft.value = fakeDraft('fly_tip', 'fly_tip');
    open(fake, 'report');
    const kinds = within(screen.getByRole('group', { name: 'What is it?' })).getAllByRole('checkbox');
    expect(kinds.slice(0, 3).map((kind) => kind.getAttribute('value'))).toEqual([
      'green',
      'tyres',
      'black_bags_household',
    ]);
  });

  it('leaves nothing behind when nothing was begun, and keeps what was', () => {
    const fake = fakeApp();
    const untouched = fakeDraft('fly_tip', 'fly_tip');
    fake.app.draft.value = untouched;
    open(fake, 'report');
    tap('Back');
    expect(untouched.discard).toHaveBeenCalled();
    cleanup();

    const begun = fakeDraft('fly_tip', 'fly_tip');
    begun.set({ waste: ['tyres'] });
    fake.app.draft.value = begun;
    open(fake, 'report');
    tap('Back');
    expect(begun.discard).not.toHaveBeenCalled();
    expect(begun.keep).toHaveBeenCalled();
  });
});

describe('hazards', () => {
  const warningText = 'Do not touch. Keep 5 m away.';

  it('fill the screen once for each report', async () => {
    const fake = fakeApp();
    fake.app.draft.value = fakeDraft('fly_tip', 'fly_tip');
    open(fake, 'report');
    const choices = within(screen.getByRole('group', { name: 'What is dangerous?', hidden: true }));
    fireEvent.click(choices.getByLabelText('Asbestos'));
    expect(screen.getByText(warningText)).toBeTruthy();
    tap('I am keeping away');
    await waitFor(() => expect(screen.queryByText(warningText)).toBeNull());
    fireEvent.click(choices.getByLabelText(/Needles/));
    expect(screen.queryByText(warningText)).toBeNull();
    expect(fake.app.draft.value.fields.value.hazards).toEqual(['asbestos', 'sharps']);
  });

  it('come with waste that is one, and go with it', async () => {
    const fake = fakeApp();
    const draft = fakeDraft('fly_tip', 'fly_tip');
    fake.app.draft.value = draft;
    open(fake, 'report');
    tap('More kinds');
    const kinds = within(screen.getByRole('group', { name: 'What is it?' }));
    fireEvent.click(kinds.getByLabelText('Asbestos'));
    expect(draft.fields.value.hazards).toEqual(['asbestos']);
    tap('I am keeping away');
    await waitFor(() => expect(screen.queryByText(warningText)).toBeNull());
    fireEvent.click(kinds.getByLabelText('Asbestos'));
    expect(draft.fields.value).toMatchObject({ waste: [], hazards: [] });
  });
});

describe('“Is it one of these?”', () => {
  it('shows only open cases of the same kind within reach, and one tap adds the report', async () => {
    const fake = fakeApp();
    fake.outbox.data.cases.value = [
      aCase(),
      aCase({ id: 'far', reference: 'NW-26-00200', lat: 52.58 }),
      aCase({ id: 'else', reference: 'NW-26-00201', kind: 'incident', category: 'graffiti' }),
    ];
    open(fake);
    tap('Report a fly-tip');
    await shoot(fake);
    await waitFor(() => expect(screen.getByText('Is it one of these?')).toBeTruthy());
    const asked = screen.getByRole('status', { name: 'Is it one of these?' });
    expect(within(asked).getAllByRole('listitem')).toHaveLength(1);
    tap(/Add photo to it/);
    await waitFor(() => expect(heading()).toBe('Saved on this phone'));
    expect(fake.drafts[0]?.fields.value.joins).toBe('c1');
    expect(screen.getByText(/added to NW-26-00123/)).toBeTruthy();
  });

  it('does not ask where no case lies near', () => {
    const fake = fakeApp();
    fake.app.draft.value = fakeDraft('fly_tip', 'fly_tip');
    open(fake, 'report');
    expect(screen.queryByText('Is it one of these?')).toBeNull();
  });
});

describe('the pin', () => {
  it('moves by arrow keys and by buttons, in metres', () => {
    const fake = fakeApp();
    const draft = fakeDraft('fly_tip', 'fly_tip');
    fake.app.draft.value = draft;
    open(fake, 'report', 'place');
    const map = screen.getByRole('application');
    fireEvent.keyDown(map, { key: 'ArrowUp' });
    fireEvent.keyDown(map, { key: 'ArrowUp', shiftKey: true });
    fireEvent.click(screen.getByLabelText('500 m'));
    tap('East');
    tap('Use this place');
    const [lat, lon] = draft.placePin.mock.lastCall ?? [0, 0];
    expect((lat - HERE.lat) * 111_195).toBeCloseTo(55, 1);
    expect((lon - HERE.lon) * 111_195 * Math.cos((lat * Math.PI) / 180)).toBeCloseTo(500, 0);
  });

  it('cannot be used before it was moved when nothing is known', () => {
    const fake = fakeApp();
    fake.gps.value = null;
    const draft = fakeDraft('fly_tip', 'fly_tip', fake.gps);
    fake.app.draft.value = draft;
    open(fake, 'report', 'place');
    tap('Use this place');
    expect(draft.placePin).not.toHaveBeenCalled();
    tap('North');
    tap('Use this place');
    expect(draft.placePin).toHaveBeenCalled();
  });

  it('gives way to a typed grid reference, and says what to mend', async () => {
    const fake = fakeApp();
    const draft = fakeDraft('fly_tip', 'fly_tip');
    fake.app.draft.value = draft;
    open(fake, 'report', 'place');
    const typed = screen.getByLabelText('Or type a grid reference');
    fireEvent.input(typed, { target: { value: 'here' } });
    tap('Use this reference');
    expect((await screen.findByRole('alert')).textContent).toMatch(/two letters/);
    expect(typed.getAttribute('aria-invalid')).toBe('true');
  });
});
