import { type Client, type Fresh, NoNetwork, type Timed, isRecord, refusal } from './client';
import type {
  DeadLetterRequest,
  DeadLetterResponse,
  Device,
  Id,
  Ping,
  PlacesMap,
  PullResponse,
  PushRequest,
  PushResponse,
  ReconcileRequest,
  ReconcileResponse,
  Reference,
  Session,
  Told,
} from './types';

/** The server refuses longer pushes: operations, and bytes of the whole request. */
export const PUSH_LIMITS = { ops: 50, bytes: 1024 * 1024 } as const;
/** As many ids of either kind as one reconciliation takes. */
export const RECONCILE_LIMIT = 1_000;
const PULL_LIMIT = 500;

const isSession = (body: unknown): body is Session =>
  isRecord(body) && isRecord(body.user) && isRecord(body.authority);

const isDevice = (body: unknown): body is Device => isRecord(body) && typeof body.id === 'string';

const isPing = (body: unknown): body is Ping =>
  isRecord(body) && typeof body.nonce === 'string' && typeof body.server_time === 'string';

const isPull = (body: unknown): body is PullResponse =>
  isRecord(body) &&
  typeof body.cursor === 'string' &&
  ['changes', 'acked_ops', 'verified_photos'].every((name) => Array.isArray(body[name]));

const hasLists = (part: unknown, names: readonly string[]): boolean =>
  isRecord(part) && names.every((name) => Array.isArray(part[name]));

const isReconciled = (body: unknown): body is ReconcileResponse =>
  isRecord(body) &&
  hasLists(body.ops, ['known', 'unknown']) &&
  hasLists(body.photos, ['verified', 'received', 'expected', 'unknown']);

const isKept = (body: unknown): body is DeadLetterResponse => isRecord(body) && Array.isArray(body.kept);

const isReference = (body: unknown): body is Reference =>
  isRecord(body) && ['categories', 'waste', 'sizes', 'land', 'hazards'].every((name) => Array.isArray(body[name]));

const isMap = (body: unknown): body is PlacesMap => isRecord(body) && Array.isArray(body.features);

/** An answer to a push counts only when it speaks of exactly the operations sent, in their order. */
function isPushFor(request: PushRequest): (body: unknown) => body is PushResponse {
  return (body): body is PushResponse =>
    isRecord(body) &&
    Array.isArray(body.results) &&
    body.results.length === request.ops.length &&
    request.ops.every((op, i) => {
      const result: unknown = (body.results as unknown[])[i];
      return isRecord(result) && result.op_id === op.op_id && typeof result.verdict === 'string';
    });
}

/** The calls the crew's phone makes. Each throws NoNetwork or Refused. */
export class Api {
  private readonly client: Client;

  constructor(client: Client) {
    this.client = client;
  }

  session(): Promise<Session> {
    return this.client.json({ method: 'GET', path: '/api/v1/session' }, isSession);
  }

  signIn(email: string, password: string): Promise<Session> {
    return this.client.json({ method: 'POST', path: '/api/v1/session', body: { email, password } }, isSession);
  }

  async signOut(): Promise<void> {
    const reply = await this.client.send({ method: 'DELETE', path: '/api/v1/session' });
    // A session that has already ended, also with its phone, has ended: that is what was asked for.
    if (reply.status === 204 || reply.status === 200) return;
    const error = refusal(reply);
    if (error instanceof NoNetwork || !(error.status === 401 || error.problem.code === 'device_revoked')) throw error;
  }

  /** Puts the phone on the council's list: within a session, or with a one-time code, which also opens a session. */
  enrol(id: Id, label: string, code?: string): Promise<Device> {
    const body = { id, label, ...(code === undefined ? {} : { enrolment_code: code }) };
    return this.client.json({ method: 'POST', path: '/api/v1/devices', body }, isDevice);
  }

  push(request: PushRequest): Promise<PushResponse & Timed> {
    return this.client.json({ method: 'POST', path: '/api/v1/sync/push', body: request }, isPushFor(request));
  }

  pull(cursor: string | null, told: Told): Promise<PullResponse & Timed> {
    const query = new URLSearchParams({ limit: String(PULL_LIMIT) });
    if (cursor !== null) query.set('cursor', cursor);
    for (const [name, value] of Object.entries(told)) if (value !== null) query.set(name, String(value));
    return this.client.json({ method: 'GET', path: `/api/v1/sync/pull?${query.toString()}` }, isPull);
  }

  /** Which of these the council has. At most RECONCILE_LIMIT ids of either kind. */
  reconcile(request: ReconcileRequest): Promise<ReconcileResponse & Timed> {
    return this.client.json({ method: 'POST', path: '/api/v1/sync/reconcile', body: request }, isReconciled);
  }

  /** Hands raw texts to an officer. Within PUSH_LIMITS. */
  deadLetter(request: DeadLetterRequest): Promise<DeadLetterResponse & Timed> {
    return this.client.json({ method: 'POST', path: '/api/v1/sync/deadletter', body: request }, isKept);
  }

  /** Tells real signal from a captive portal: only the council's server can echo the nonce. */
  async ping(nonce: string): Promise<Ping & Timed> {
    const reply = await this.client.json({ method: 'GET', path: `/api/v1/sync/ping?nonce=${nonce}` }, isPing);
    if (reply.nonce !== nonce) throw new NoNetwork('somebody else answered the ping');
    return reply;
  }

  reference(etag: string | null): Promise<Fresh<Reference> | null> {
    return this.client.fresh('/api/v1/reference', etag, isReference);
  }

  map(etag: string | null): Promise<Fresh<PlacesMap> | null> {
    return this.client.fresh('/api/v1/places/map', etag, isMap);
  }
}

/** Server clock minus phone clock in milliseconds, taking the answer's midpoint as its moment. */
export function clockOffsetMs(serverTime: string, { timing }: Timed): number {
  return Math.round(Date.parse(serverTime) - (timing.sentAt + timing.answeredAt) / 2);
}
