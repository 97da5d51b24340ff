import { sha256, sha256Text } from '../src/shared/sha256';
import type {
  Change, DeadLetter, DeadLetterRequest, OpResult, PhotoManifest, Problem, PushRequest, ReconcileRequest, WireOp,
} from '../src/wire/types';

/** A council's server as the wire promises it, small enough to read: what the phone's tests talk to. */

export const USER = { id: 'u-1', name: 'A. Smith', email: 'crew@demo.example', role: 'crew' as const };
export const OTHER = { id: 'u-2', name: 'B. Jones', email: 'other@demo.example', role: 'crew' as const };
export const AUTHORITY = { id: 'a-1', slug: 'demo', name: 'Demo borough', demo: true, bounds: null };
export const REFERENCE = { version: '1', source: 'test', categories: [], waste: [], sizes: [], land: [], hazards: [] };

interface Upload {
  length: number;
  received: Uint8Array[];
}

export function reply(status: number, body?: unknown, headers: Record<string, string> = {}): Response {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  if (body === undefined) return new Response(null, { status, headers });
  return new Response(JSON.stringify(body), { status, headers: { 'content-type': type, ...headers } });
}

export function problem(status: number, code: string, title = code): Problem {
  return { type: 'about:blank', title, status, code, detail: title, errors: {} };
}

/** What the council knows of one browser, by its cookie. */
export interface Seat {
  user: typeof USER | typeof OTHER | null;
  deviceId: string | null;
  /** The next pull begins anew. */
  resetNext: boolean;
}

interface Call {
  method: string;
  path: string;
}

type Fault = 'none' | 'lost_request' | 'lost_reply' | 'portal' | 'bad_gateway';

const TUS = { 'tus-resumable': '1.0.0' };

export class Council {
  /** The browser of the tests that have one. */
  readonly seat: Seat = { user: USER, deviceId: null, resetNext: false };
  /** Every operation applied, in order, by id: the proof of "exactly once". */
  readonly applied = new Map<string, WireOp & { userId: string }>();
  applications = 0;
  readonly photos = new Map<string, Uint8Array>();
  readonly uploads = new Map<string, Upload>();
  readonly changes: Change[] = [];
  readonly calls: { method: string; path: string; body: unknown }[] = [];
  /** What to say of an operation instead of applying it. */
  verdictFor: (op: WireOp) => OpResult | null = () => null;
  /** Says that the app is too old to read what comes down. */
  updateNeeded = false;
  /** The council's own clock in milliseconds, whatever a phone's says. */
  clock: () => number = Date.now;
  /** Residents' reports by their id, as they came. */
  readonly publicReports = new Map<string, string>();
  publicRefusal: () => Problem | null = () => null;
  /** Upload tokens whose time has passed. */
  readonly closedTokens = new Set<string>();
  /** Photos that are here whole are called checked. */
  verifies = true;
  /** Pulls tell what of the phone's has come. */
  acks = true;
  /** The phone was switched off by an officer. */
  revoked = false;
  /** By raw text, as the phone handed it over because the server could not take it. */
  readonly deadLetters = new Map<string, DeadLetter>();
  /** What the phone last told of itself with a pull. */
  told: Record<string, string> = {};

  /** The wire itself; throws like fetch when `fault` says so, before or after the server acted. */
  fault: (call: Call) => Fault = () => 'none';

  readonly fetch: typeof fetch = (input, init) => this.fetchFrom(this.seat, this.fault)(input, init);

  get user(): Seat['user'] {
    return this.seat.user;
  }

  set user(user: Seat['user']) {
    this.seat.user = user;
  }

  get deviceId(): string | null {
    return this.seat.deviceId;
  }

  set deviceId(id: string | null) {
    this.seat.deviceId = id;
  }

  set resetNext(next: boolean) {
    this.seat.resetNext = next;
  }

  /** The wire of one browser among several. */
  fetchFrom = (seat: Seat, faultOf: (call: Call) => Fault): typeof fetch => async (input, init = {}) => {
    const url = new URL(input as string, 'http://phone.test');
    const call = { method: init.method ?? 'GET', path: url.pathname, body: init.body ?? null };
    this.calls.push(call);
    const fault = faultOf(call);
    if (fault === 'lost_request') throw new TypeError('Failed to fetch');
    if (fault === 'portal') return new Response('<h1>Welcome to SkyPub WiFi</h1>', { headers: { 'content-type': 'text/html' } });
    if (fault === 'bad_gateway') return new Response('bad gateway', { status: 502 });
    const answer = await this.answer(seat, { ...call, url, headers: new Headers(init.headers) });
    if (fault === 'lost_reply') throw new TypeError('Failed to fetch');
    return answer;
  };

  pathsOf(method: string): string[] {
    return this.calls.filter((call) => call.method === method).map(({ path }) => path);
  }

  private async answer(seat: Seat, { method, path, body, url, headers }: Call & { body: unknown; url: URL; headers: Headers }): Promise<Response> {
    if (path === '/api/v1/session' && method === 'POST') return this.signIn(seat, body as string);
    if (path === '/api/v1/public/reports') return this.publicReport(body as string);
    if (path.startsWith('/api/v1/public/reports/')) return this.publicStatus(path.slice('/api/v1/public/reports/s-'.length));
    if (this.revoked) return reply(403, problem(403, 'device_revoked', 'This phone was switched off'));
    if (seat.user === null && !this.maySend(headers)) return reply(401, problem(401, 'signed_out', 'Please sign in'));
    if (path === '/api/v1/sync/ping') return reply(200, { nonce: url.searchParams.get('nonce'), server_time: new Date(this.clock()).toISOString() });
    if (path === '/api/v1/session' && method === 'DELETE') return this.signOut(seat);
    if (path === '/api/v1/session') return reply(200, this.session(seat));
    if (path === '/api/v1/devices') return this.enrol(seat, body as string);
    if (path === '/api/v1/places/map') return reply(200, { type: 'FeatureCollection', features: [] }, { etag: '"m"' });
    if (path.startsWith('/api/v1/sync/') && this.isOfAnother(seat, body)) return reply(403, problem(403, 'other_person', 'Somebody else is signed in now'));
    if (path === '/api/v1/sync/push') return this.push(seat, JSON.parse(body as string) as PushRequest);
    if (path === '/api/v1/sync/pull') return this.pull(seat, url.searchParams);
    if (path === '/api/v1/sync/reconcile') return this.reconcile(JSON.parse(body as string) as ReconcileRequest);
    if (path === '/api/v1/sync/deadletter') return this.keep(JSON.parse(body as string) as DeadLetterRequest);
    if (path === '/api/v1/uploads') return this.create(headers, body as ArrayBuffer);
    const photoId = path.replace('/api/v1/uploads/', '');
    if (method === 'HEAD') return this.head(photoId);
    if (method === 'PATCH') return this.patch(photoId, headers, body as ArrayBuffer);
    return reply(404, problem(404, 'not_found'));
  }

  /** Older apps name nobody. */
  private isOfAnother(seat: Seat, body: unknown): boolean {
    const { user_id } = (typeof body === 'string' ? JSON.parse(body) : {}) as { user_id?: string };
    return user_id !== undefined && user_id !== seat.user?.id;
  }

  private publicReport(body: string): Response {
    const refused = this.publicRefusal();
    if (refused !== null) return reply(refused.status, refused);
    const { id } = JSON.parse(body) as { id: string };
    const known = this.publicReports.get(id);
    if (known !== undefined && known !== body) return reply(409, problem(409, 'same_id_other_content'));
    this.publicReports.set(id, body);
    this.closedTokens.delete(`u-${id}`);
    return reply(200, { receipt_code: 'code', status_url: `/status/s-${id}`, upload_token: `u-${id}`, next: '' });
  }

  private publicStatus(id: string): Response {
    const body = this.publicReports.get(id);
    if (body === undefined) return reply(404, problem(404, 'not_found'));
    const { photos } = JSON.parse(body) as { photos: PhotoManifest[] };
    const verified = photos.map((photo) => photo.id).filter((photo) => this.verifies && this.photos.has(photo));
    const count = { verified: verified.length, expected: photos.length };
    const missing = photos.map((photo) => photo.id).filter((photo) => !this.photos.has(photo));
    const server_time = new Date(this.clock()).toISOString();
    return reply(200, { receipt_code: 'code', words: '', photos: count, verified_photos: verified, missing_photos: missing, server_time });
  }

  private maySend(headers: Headers): boolean {
    const token = (headers.get('authorization') ?? '').replace('Bearer ', '');
    return this.publicReports.has(token.replace('u-', '')) && !this.closedTokens.has(token);
  }

  private session({ user, deviceId }: Seat) {
    return { user, authority: AUTHORITY, device_id: deviceId };
  }

  private signIn(seat: Seat, body: string): Response {
    const { email, password } = JSON.parse(body) as { email: string; password: string };
    const user = [USER, OTHER].find((known) => known.email === email);
    if (user === undefined || password !== 'right') return reply(401, problem(401, 'wrong_sign_in', 'The email or password is not right'));
    seat.user = user;
    return reply(200, this.session(seat));
  }

  private signOut(seat: Seat): Response {
    seat.user = null;
    return reply(204);
  }

  private enrol(seat: Seat, body: string): Response {
    const { id, label } = JSON.parse(body) as { id: string; label: string };
    seat.deviceId = id;
    return reply(200, { id, label, user: seat.user, authority: AUTHORITY });
  }

  private async push(seat: Seat, { device_id, ops }: PushRequest): Promise<Response> {
    if (device_id !== seat.deviceId) return reply(403, problem(403, 'device_not_enrolled'));
    if (ops.length > 50) return reply(413, problem(413, 'too_many_ops'));
    const results: OpResult[] = [];
    for (const op of ops) results.push(await this.apply(seat, op));
    return reply(200, { results, server_time: new Date(this.clock()).toISOString() });
  }

  private async apply(seat: Seat, op: WireOp): Promise<OpResult> {
    const known = this.applied.get(op.op_id);
    const done = { op_id: op.op_id, rev: this.applied.size + 1, entity_id: op.entity_id };
    if ((await sha256Text(op.payload)) !== op.payload_sha256) return { op_id: op.op_id, verdict: 'rejected', problem: problem(422, 'invalid_payload') };
    if (known) return { ...done, verdict: known.payload_sha256 === op.payload_sha256 ? 'duplicate' : 'conflict' };
    const other = this.verdictFor(op);
    if (other !== null) return other;
    if (op.after !== null && !this.applied.has(op.after)) return { op_id: op.op_id, verdict: 'waiting_for', waiting_for: op.after };
    this.applied.set(op.op_id, { ...op, userId: seat.user?.id ?? '' });
    this.applications += 1;
    return { ...done, verdict: 'applied' };
  }

  manifests(): PhotoManifest[] {
    const texts = [...[...this.applied.values()].map(({ payload }) => payload), ...this.publicReports.values()];
    return texts.flatMap((text) => (JSON.parse(text) as { photos?: PhotoManifest[] }).photos ?? []);
  }

  private reconcile({ op_ids, photo_ids }: ReconcileRequest): Response {
    if (Math.max(op_ids.length, photo_ids.length) > 1_000) return reply(422, problem(422, 'invalid_request'));
    const manifests = new Set(this.manifests().map(({ id }) => id));
    const missing = photo_ids.filter((id) => !this.photos.has(id));
    return reply(200, {
      ops: { known: op_ids.filter((id) => this.applied.has(id)), unknown: op_ids.filter((id) => !this.applied.has(id)) },
      photos: {
        verified: photo_ids.filter((id) => this.verifies && this.photos.has(id)),
        received: photo_ids.filter((id) => !this.verifies && this.photos.has(id)),
        expected: missing.filter((id) => manifests.has(id)),
        unknown: missing.filter((id) => !manifests.has(id)),
      },
      server_time: new Date(this.clock()).toISOString(),
    });
  }

  private keep({ items }: DeadLetterRequest): Response {
    for (const letter of items) this.deadLetters.set(letter.raw, letter);
    return reply(200, { kept: items.map(({ op_id }) => op_id), server_time: new Date(this.clock()).toISOString() });
  }

  private pull(seat: Seat, asked: URLSearchParams): Response {
    this.told = Object.fromEntries(asked);
    const reset = seat.resetNext;
    const from = reset ? 0 : Number(asked.get('cursor') ?? 0);
    const changes = this.changes.slice(from);
    seat.resetNext = false;
    return reply(200, {
      changes,
      cursor: String(this.changes.length),
      more: false,
      reset,
      acked_ops: this.acks ? [...this.applied.keys()] : [],
      verified_photos: this.verifies ? [...this.photos.keys()] : [],
      server_time: new Date(this.clock()).toISOString(),
      ...(asked.get('cursor') === null ? { reference: REFERENCE } : {}),
      ...(this.updateNeeded ? { update_needed: true } : {}),
    });
  }

  private async create(headers: Headers, body: ArrayBuffer): Promise<Response> {
    const photoId = atob((headers.get('upload-metadata') ?? '').replace('photo_id ', ''));
    if (!this.manifests().some(({ id }) => id === photoId)) return reply(409, problem(409, 'photo_not_expected'), TUS);
    const length = Number(headers.get('upload-length'));
    if (!this.photos.has(photoId) && !this.uploads.has(photoId)) this.uploads.set(photoId, { length, received: [] });
    const offset = this.offset(photoId) ?? 0;
    const refused = offset === 0 ? await this.add(photoId, body) : null;
    if (refused !== null) return refused;
    return reply(201, undefined, { ...TUS, location: `/api/v1/uploads/${photoId}`, 'upload-offset': String(this.offset(photoId)) });
  }

  private offset(photoId: string): number | null {
    const whole = this.photos.get(photoId);
    if (whole) return whole.byteLength;
    return this.uploads.get(photoId)?.received.reduce((sum, part) => sum + part.byteLength, 0) ?? null;
  }

  private head(photoId: string): Response {
    const offset = this.offset(photoId);
    return offset === null ? reply(404, undefined, TUS) : reply(200, undefined, { ...TUS, 'upload-offset': String(offset) });
  }

  private async patch(photoId: string, headers: Headers, body: ArrayBuffer): Promise<Response> {
    const upload = this.uploads.get(photoId);
    const offset = this.offset(photoId);
    if (offset === null) return reply(404, problem(404, 'not_found'), TUS);
    if (upload === undefined || Number(headers.get('upload-offset')) !== offset) {
      return reply(409, problem(409, 'upload_offset'), { ...TUS, 'upload-offset': String(offset) });
    }
    return (await this.add(photoId, body)) ?? reply(204, undefined, { ...TUS, 'upload-offset': String(this.offset(photoId)) });
  }

  private async add(photoId: string, body: ArrayBuffer): Promise<Response | null> {
    const upload = this.uploads.get(photoId);
    upload?.received.push(new Uint8Array(body.slice(0)));
    if (upload === undefined || (this.offset(photoId) ?? 0) < upload.length) return null;
    const whole = new Uint8Array(await new Blob(upload.received as Uint8Array<ArrayBuffer>[]).arrayBuffer());
    const expected = this.manifests().find(({ id }) => id === photoId);
    this.uploads.delete(photoId);
    if ((await sha256(whole.buffer)) !== expected?.sha256) {
      this.uploads.set(photoId, { length: upload.length, received: [] });
      return reply(422, problem(422, 'photo_hash_mismatch'), TUS);
    }
    this.photos.set(photoId, whole);
    return null;
  }
}
