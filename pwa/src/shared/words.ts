/** What the crew reads for each state, and nowhere any other words. `{n}` and `{m}` are filled in. */
export const WORDS = {
  draft: 'Draft',
  saved: 'Saved on this phone',
  sending: 'Sending',
  received: 'Received by the council',
  photos: 'Photos {n} of {m} checked',
  safe: 'Safe, phone copy can go',
  needs_you: 'Needs you',
  paused: 'Paused: sign in',
  full: 'Phone nearly full',
} as const;
