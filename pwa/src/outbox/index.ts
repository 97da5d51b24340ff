export { Db } from './db';
export { createOutbox, type OutboxDeps } from './outbox';
export type * from './types';
export { SaveError, WORDS, stateWords } from './words';
