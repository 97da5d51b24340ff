// Two RxDB clients of one council replicate with our push and pull over a bad network; prints what each holds at last.
import { createRxDatabase } from 'rxdb';
import { replicateRxCollection } from 'rxdb/plugins/replication';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';

const { url, seed, clients } = JSON.parse(process.argv[2]);
const BATCH = 20;
const SETTLE_MS = 60_000;

const schema = {
  version: 0,
  primaryKey: 'key',
  type: 'object',
  properties: {
    key: { type: 'string', maxLength: 100 },
    rev: { type: 'number' },
    shown: { type: ['object', 'null'] },
    op: { type: ['object', 'null'] },
  },
  required: ['key', 'rev', 'shown', 'op'],
};

/** Numbers from 0 to 1, the same for each seed (mulberry32). */
function numbers(start) {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Asks the server over a network that loses requests, loses answers, and sends twice, until `network.good`. */
function asker(headers, network, next) {
  return async (path, init = {}) => {
    const chance = network.good ? 1 : next();
    if (chance < 0.15) throw new Error('never sent');
    const send = () => fetch(url + path, { ...init, headers: { ...headers, 'Content-Type': 'application/json' } });
    const reply = await send();
    if (chance < 0.3) throw new Error('its answer was lost');
    const last = chance < 0.4 ? await send() : reply;
    if (!last.ok) throw new Error(`${last.status}: ${await last.text()}`);
    return last.json();
  };
}

/** The adapter: an RxDB document is one of our rows, or an op on its way to become one. */
function replicate(collection, deviceId, ask) {
  return replicateRxCollection({
    collection,
    replicationIdentifier: deviceId,
    live: true,
    retryTime: 20,
    push: {
      batchSize: BATCH,
      async handler(rows) {
        const ops = rows.map((row) => row.newDocumentState.op);
        const { results } = await ask('/api/v1/sync/push', {
          method: 'POST',
          body: JSON.stringify({ device_id: deviceId, ops }),
        });
        const refused = results.filter(({ verdict }) => verdict !== 'applied' && verdict !== 'duplicate');
        if (refused.length > 0) throw new Error(JSON.stringify(refused));
        return [];
      },
    },
    pull: {
      batchSize: BATCH,
      async handler(checkpoint) {
        const documents = [];
        let cursor = checkpoint?.cursor;
        for (let more = true; more; ) {
          const page = await ask(`/api/v1/sync/pull?limit=${BATCH}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
          for (const change of page.changes) {
            const key = `${change.type}:${change.id}`;
            documents.push({ key, rev: change.rev, shown: change.put ?? null, op: null, _deleted: change.del === true });
          }
          ({ cursor, more } = page);
        }
        return { documents, checkpoint: { cursor } };
      },
    },
  });
}

async function settled(replications) {
  const late = setTimeout(() => {
    console.error('the clients did not come to rest');
    process.exit(1);
  }, SETTLE_MS);
  for (const replication of replications) {
    replication.reSync();
    await replication.awaitInSync();
  }
  clearTimeout(late);
}

const network = { good: false };
const running = [];
for (const [index, client] of clients.entries()) {
  const database = await createRxDatabase({ name: client.device_id, storage: getRxStorageMemory(), multiInstance: false });
  const { rows } = await database.addCollections({ rows: { schema } });
  await rows.bulkInsert(client.ops.map((op) => ({ key: `report:${op.entity_id}`, rev: 0, shown: null, op })));
  running.push({ client, rows, replication: replicate(rows, client.device_id, asker(client.headers, network, numbers(seed + index))) });
}
const replications = running.map(({ replication }) => replication);
await settled(replications);
console.log('sent');
// The other side says when the server has done its part.
await process.stdin[Symbol.asyncIterator]().next();
network.good = true;
await settled(replications);
const held = [];
for (const { client, rows } of running) {
  const documents = await rows.find().exec();
  held.push({
    device_id: client.device_id,
    rows: Object.fromEntries(documents.map(({ key, rev, shown }) => [key, { rev, shown }])),
  });
}
process.stdout.write(`${JSON.stringify(held)}\n`, () => process.exit(0));
