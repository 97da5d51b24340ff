/** A database of its own: what residents save on a phone never meets what its crew saves. */
export const PUBLIC_NAME = 'tipwatch-residents';
/** A resident makes one report at a time, so there is one draft. Saving takes it away. */
export const DRAFT_ID = 'draft';
