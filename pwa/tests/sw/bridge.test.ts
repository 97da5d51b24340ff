import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { type WorkerBridge, registerWorker } from '../../src/sw-bridge';

/** A page with a worker in place, and a newer one that waits to be let in. */
class Browser {
  readonly waiting = { postMessage: vi.fn() };
  readonly found: EventTarget & { waiting: object | null; update: () => Promise<void> } = Object.assign(new EventTarget(), {
    waiting: this.waiting,
    update: () => Promise.resolve(),
  });
  readonly workers = Object.assign(new EventTarget(), { controller: {}, register: () => Promise.resolve(this.found) });
  readonly reload = vi.fn();

  constructor() {
    vi.stubGlobal('navigator', { serviceWorker: this.workers });
    vi.stubGlobal('document', Object.assign(new EventTarget(), { readyState: 'complete', visibilityState: 'visible' }));
    vi.stubGlobal('window', new EventTarget());
    vi.stubGlobal('location', { reload: this.reload });
  }

  /** What the browser does once the waiting worker was let in, by this page or by another. */
  letIn(): void {
    this.found.waiting = null;
    this.workers.dispatchEvent(new Event('controllerchange'));
  }
}

describe('a newer version of the app', () => {
  let browser: Browser;
  let draftOpen: boolean;
  let bridge: WorkerBridge;

  beforeEach(async () => {
    browser = new Browser();
    draftOpen = false;
    bridge = registerWorker(() => !draftOpen);
    await vi.waitFor(() => expect(bridge.updateReady.value).toBe(true));
  });
  afterEach(() => vi.unstubAllGlobals());

  it('is taken when it was asked for', () => {
    bridge.update();
    expect(browser.waiting.postMessage).toHaveBeenCalledWith('take-over');
    expect(browser.reload).not.toHaveBeenCalled();
    browser.letIn();
    expect(browser.reload).toHaveBeenCalledTimes(1);
  });

  it('never takes away a report that was begun while it came', () => {
    bridge.update();
    draftOpen = true;
    browser.letIn();
    expect(browser.reload).not.toHaveBeenCalled();
    // Nor later by itself: the worker is in place, and only the next tap on the bar reloads.
    draftOpen = false;
    browser.letIn();
    expect(browser.reload).not.toHaveBeenCalled();
    bridge.update();
    expect(browser.reload).toHaveBeenCalledTimes(1);
  });

  it('does not reload a page that did not ask for it: another tab did', () => {
    browser.letIn();
    expect(browser.reload).not.toHaveBeenCalled();
  });
});

describe('sending with the page closed', () => {
  afterEach(() => vi.unstubAllGlobals());

  /** What the page asks of a browser whose worker stands like this, and what goes wrong unseen meanwhile. */
  async function wake(registration: object): Promise<unknown[]> {
    const browser = new Browser();
    Object.assign(browser.workers, { ready: Promise.resolve(registration) });
    return failuresOf(() => registerWorker(() => true).wakeLater());
  }

  async function failuresOf(act: () => void): Promise<unknown[]> {
    const failures: unknown[] = [];
    const failed = (why: unknown): void => void failures.push(why);
    process.on('unhandledRejection', failed);
    act();
    await new Promise((resolve) => setTimeout(resolve, 10));
    process.off('unhandledRejection', failed);
    return failures;
  }

  it('is asked for by the name the worker listens to', async () => {
    const register = vi.fn(() => Promise.resolve());
    expect(await wake({ sync: { register } })).toEqual([]);
    expect(register.mock.calls).toEqual([['drain']]);
  });

  it('does no harm where the browser has it not, or will not', async () => {
    expect(await wake({})).toEqual([]);
    expect(await wake({ sync: { register: () => Promise.reject(new DOMException('off', 'NotAllowedError')) } })).toEqual([]);
    new Browser();
    vi.stubGlobal('navigator', {});
    expect(await failuresOf(() => registerWorker(() => true).wakeLater())).toEqual([]);
  });

  it('is told of only where the browser can', () => {
    const browser = new Browser();
    expect(registerWorker(() => true).canWake).toBe(false);
    vi.stubGlobal('window', Object.assign(new EventTarget(), { SyncManager: vi.fn() }));
    expect([browser.reload.mock.calls, registerWorker(() => true).canWake]).toEqual([[], true]);
  });
});
