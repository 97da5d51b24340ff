import { backoffMs } from './backoff';
import type { Outcome } from './drain';
import type { Triggers } from './types';
import { LONGEST_WAIT_MS } from './verdicts';

/** Nothing waits: look for news from the council now and then. */
const IDLE_MS = 300_000;
/** Something waits for the council's check, or for another tab: look again soon. */
const SOON_MS = 15_000;

export interface PaceParts {
  random: () => number;
  drain: () => Promise<Outcome>;
  /** Whether anything may still change without a person's doing. */
  unfinished: () => boolean;
}

/**
 * When to send: on open, online, visible, save, worker message, tap and timer; after failures with growing pauses. That
 * nothing goes before the council wants it is the drain's own business.
 */
export class Pace {
  private readonly parts: PaceParts;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private again = false;
  private started = false;
  private givingWay = false;

  constructor(parts: PaceParts) {
    this.parts = parts;
  }

  start({ window, document, serviceWorker, connection }: Triggers): () => void {
    this.started = true;
    const fresh = (): void => {
      this.failures = 0;
      void this.go();
    };
    const seen = (): void => {
      if (document?.visibilityState === 'visible') void this.go();
    };
    const told = (event: Event): void => {
      if ((event as MessageEvent<unknown>).data === 'drain') void this.go();
    };
    window?.addEventListener('online', fresh);
    document?.addEventListener('visibilitychange', seen);
    serviceWorker?.addEventListener('message', told);
    connection?.addEventListener('change', fresh);
    void this.go();
    return () => {
      this.started = false;
      clearTimeout(this.timer);
      window?.removeEventListener('online', fresh);
      document?.removeEventListener('visibilitychange', seen);
      serviceWorker?.removeEventListener('message', told);
      connection?.removeEventListener('change', fresh);
    };
  }

  /** After a save: send soon, if this tab sends at all. */
  nudge(): void {
    if (this.started) void this.go();
  }

  /** A person asked: forget the failures. */
  async tap(): Promise<void> {
    this.failures = 0;
    await this.go();
  }

  /** False while somebody waits for the drain to end. */
  readonly mayGoOn = (): boolean => !this.givingWay;

  /** Does what no drain may overlap: the one under way ends as soon as it can, and the next begins afterwards. */
  async between<T>(act: () => Promise<T>): Promise<T> {
    while (this.running !== null) {
      this.givingWay = true;
      await this.running;
    }
    this.givingWay = false;
    const acting = act();
    this.running = acting.then(() => undefined, () => undefined);
    try {
      return await acting;
    } finally {
      this.running = null;
      this.nudge();
    }
  }

  /** One drain; when one is under way already, one more after it, so that nothing saved meanwhile is passed over. */
  private go(): Promise<void> {
    clearTimeout(this.timer);
    if (this.running !== null) {
      this.again = true;
      return this.running;
    }
    this.running = this.rounds().finally(() => {
      this.running = null;
    });
    return this.running;
  }

  private async rounds(): Promise<void> {
    let wait: number;
    do {
      this.again = false;
      wait = this.waitAfter(await this.parts.drain());
    } while (this.wanted());
    this.later(wait);
  }

  private wanted(): boolean {
    return this.again && !this.givingWay;
  }

  private later(ms: number): void {
    if (this.started) this.timer = setTimeout(() => void this.go(), ms);
  }

  private waitAfter(outcome: Outcome): number {
    switch (outcome.kind) {
      case 'done':
        this.failures = 0;
        if (outcome.more) return 0;
        return this.parts.unfinished() ? SOON_MS : IDLE_MS;
      case 'elsewhere':
        return SOON_MS;
      case 'paused':
        return IDLE_MS;
      case 'no_network':
        return this.pause();
      case 'refused':
        return Math.max(Math.min(LONGEST_WAIT_MS, (outcome.retryAfterS ?? 0) * 1_000), this.pause());
      case 'not_yet':
        return outcome.ms;
    }
  }

  private pause(): number {
    this.failures += 1;
    return backoffMs(this.failures, this.parts.random);
  }
}
