import type { Problem } from './types';

/** The council was not reached, or something on the way answered in its place. Nothing was learnt: try again later. */
export class NoNetwork extends Error {
  override readonly name = 'NoNetwork';
}

/** The council's server itself said no, in its own words. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly problem: Problem;
  /** Seconds the server asked to wait, from Retry-After. */
  readonly retryAfterS: number | null;

  constructor(problem: Problem, retryAfterS: number | null) {
    super(`${problem.status} ${problem.code}`);
    this.problem = problem;
    this.retryAfterS = retryAfterS;
  }

  get status(): number {
    return this.problem.status;
  }
}

export interface Call {
  method: 'GET' | 'POST' | 'DELETE' | 'HEAD' | 'PATCH' | 'OPTIONS';
  path: string;
  headers?: Record<string, string>;
  body?: string | ArrayBuffer;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  /** Phone clock, milliseconds, when the call left and when its answer began. */
  sentAt: number;
  answeredAt: number;
}

export interface ClientDeps {
  fetch: typeof fetch;
  /** Phone clock in milliseconds. */
  now: () => number;
}

/** Silence, in milliseconds, after which a call is given up. */
const SILENCE_MS = 30_000;
/**
 * fetch tells nothing about bytes going up, so a body gets time on top: at 1 KiB/s, half the worst link we serve, but no
 * more than this in all. Senders make their bodies smaller after one that was given up.
 */
const UPLOAD_MS_PER_BYTE = 1_000 / 1_024;
const LONGEST_UPLOAD_MS = 120_000;
/** How long one call can last before the server's first word, milliseconds. */
export const LONGEST_CALL_MS = SILENCE_MS + LONGEST_UPLOAD_MS;

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isProblem(value: unknown): value is Problem {
  return (
    isRecord(value) &&
    typeof value.code === 'string' &&
    typeof value.title === 'string' &&
    typeof value.status === 'number'
  );
}

function parseJson(reply: Reply): unknown {
  if (!/^application\/([a-z.-]+\+)?json\b/i.test(reply.headers.get('content-type') ?? '')) return undefined;
  try {
    return JSON.parse(reply.text) as unknown;
  } catch {
    return undefined;
  }
}

/** Seconds to wait: proxies give a moment instead of seconds, measured against their own clock. */
function retryAfter({ headers, answeredAt }: Reply): number | null {
  const asked = headers.get('retry-after');
  if (asked === null || asked.trim() === '') return null;
  const from = Date.parse(headers.get('date') ?? '');
  const seconds = Number.isNaN(Number(asked))
    ? (Date.parse(asked) - (Number.isNaN(from) ? answeredAt : from)) / 1_000
    : Number(asked);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds : null;
}

/** The server's refusal as an error; an unsigned one (proxy, portal, gateway) is no network. */
export function refusal(reply: Reply): Refused | NoNetwork {
  const body = parseJson(reply);
  if (isProblem(body) && body.status === reply.status) return new Refused(body, retryAfter(reply));
  return new NoNetwork(`status ${reply.status} without our problem document`);
}

/** One way out of the phone: same origin, never cached, never redirected, given up after silence. */
export class Client {
  private readonly deps: ClientDeps;

  constructor(deps: ClientDeps) {
    this.deps = deps;
  }

  /** Sends and reads the whole answer, whatever it is. Throws NoNetwork when there is none. */
  async send(call: Call): Promise<Reply> {
    const control = new AbortController();
    const bodyBytes = typeof call.body === 'string' ? call.body.length : (call.body?.byteLength ?? 0);
    let timer = setTimeout(() => control.abort(), SILENCE_MS + Math.min(LONGEST_UPLOAD_MS, bodyBytes * UPLOAD_MS_PER_BYTE));
    const alive = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => control.abort(), SILENCE_MS);
    };
    try {
      const sentAt = this.deps.now();
      const response = await this.deps.fetch(call.path, {
        method: call.method,
        headers: { Accept: 'application/json', ...call.headers },
        body: call.body ?? null,
        credentials: 'same-origin',
        cache: 'no-store',
        redirect: 'error',
        signal: control.signal,
      });
      const answeredAt = this.deps.now();
      alive();
      const text = await readText(response, alive);
      return { status: response.status, headers: response.headers, text, sentAt, answeredAt };
    } catch (cause) {
      throw new NoNetwork('no answer', { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Sends JSON and answers the server's JSON. `isOurs` decides whether a successful answer has the promised shape;
   * anything else that looks like success (a portal's page, a cut body) is NoNetwork. Throws Refused for our problems.
   */
  async json<T extends object>(
    { body: sent, headers, ...call }: Omit<Call, 'body'> & { body?: object },
    isOurs: (body: unknown) => body is T,
  ): Promise<T & Timed> {
    const json = { headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(sent) };
    const reply = await this.send({ ...call, ...(sent === undefined ? { headers } : json) });
    if (reply.status < 200 || reply.status > 299) throw refusal(reply);
    const body = parseJson(reply);
    if (!isOurs(body)) throw new NoNetwork("an answer that is not the council's");
    return Object.assign(body, { timing: { sentAt: reply.sentAt, answeredAt: reply.answeredAt } });
  }

  /** As `json`, for lists that rarely change: null when the server says the copy with this `etag` is still good. */
  async fresh<T>(path: string, etag: string | null, isOurs: (body: unknown) => body is T): Promise<Fresh<T> | null> {
    const reply = await this.send({ method: 'GET', path, headers: etag === null ? {} : { 'If-None-Match': etag } });
    if (reply.status === 304 && etag !== null) return null;
    if (reply.status !== 200) throw refusal(reply);
    const body = parseJson(reply);
    if (!isOurs(body)) throw new NoNetwork("an answer that is not the council's");
    return { body, etag: reply.headers.get('etag') };
  }
}

export interface Timed {
  timing: { sentAt: number; answeredAt: number };
}

export interface Fresh<T> {
  body: T;
  etag: string | null;
}

async function readText(response: Response, alive: () => void): Promise<string> {
  if (response.body === null) return '';
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    alive();
    text += decoder.decode(value, { stream: true });
  }
}
