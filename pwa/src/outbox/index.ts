export { Db } from './db';
export { createOutbox, type OutboxDeps } from './outbox';
export type * from './types';
export { SaveError, stateWords } from './words';
export { WORDS } from '../shared/words';
