/** The cache of small pictures of cases and jobs, filled by the service worker, emptied when somebody signs out. */
export const PICTURE_CACHE = 'tipwatch-pictures';
