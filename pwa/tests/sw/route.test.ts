import { describe, expect, it } from 'vitest';

import { CACHE_OF_SHELL, cacheName, outdatedCaches, routeOf, servedAt } from '../../src/sw/route';

const ORIGIN = 'https://tips.example';
const FILES = new Set(['/crew', '/assets/crew-abc.js', '/manifest.webmanifest']);

function kind(path: string, { method = 'GET', mode = 'cors', origin = ORIGIN } = {}): string {
  return routeOf({ method, mode, url: origin + path }, ORIGIN, FILES).kind;
}

describe('the worker', () => {
  it.each(['/crew', '/crew?from=home', '/crew/jobs'])('answers a visit to %s from the phone', (path) => {
    expect(kind(path, { mode: 'navigate' })).toBe('shell');
  });

  it.each(['/', '/desk', '/report', '/crewed', '/status/abc'])('leaves a visit to %s alone', (path) => {
    expect(kind(path, { mode: 'navigate' })).toBe('network');
  });

  it('answers the files of the shell and small pictures, and no other call', () => {
    expect(kind('/assets/crew-abc.js')).toBe('file');
    expect(kind('/assets/of-an-older-page.js')).toBe('file');
    expect(kind('/other.js')).toBe('network');
    expect(kind('/api/v1/photos/f3a1/thumb')).toBe('picture');
    expect(kind('/api/v1/photos/f3a1/original')).toBe('network');
    expect(kind('/api/v1/session')).toBe('network');
    expect(kind('/api/v1/sync/pull?cursor=1')).toBe('network');
  });

  it('never touches what is not a GET, nor another origin', () => {
    for (const method of ['POST', 'PATCH', 'DELETE', 'HEAD']) expect(kind('/assets/crew-abc.js', { method })).toBe('network');
    expect(kind('/crew', { mode: 'navigate', origin: 'https://else.example' })).toBe('network');
  });
});

it('keeps the page under the address it is served at', () => {
  expect(servedAt({ url: 'crew.html', revision: '1' })).toBe('/crew');
  expect(servedAt({ url: 'assets/a.js', revision: null })).toBe('/assets/a.js');
});

it('names its cache anew whenever a file changes', () => {
  const one = cacheName(CACHE_OF_SHELL, [{ url: 'crew.html', revision: '1' }]);
  expect(cacheName(CACHE_OF_SHELL, [{ url: 'crew.html', revision: '1' }])).toBe(one);
  expect(cacheName(CACHE_OF_SHELL, [{ url: 'crew.html', revision: '2' }])).not.toBe(one);
});

it('keeps the shell before the present one, for pages still open with its code, and what is no shell', () => {
  const names = ['tipwatch-shell-1', 'tipwatch-pictures', 'tipwatch-shell-2', 'tipwatch-shell-3'];
  expect(outdatedCaches(names, 'tipwatch-shell-3')).toEqual(['tipwatch-shell-1']);
  expect(outdatedCaches(['tipwatch-shell-3'], 'tipwatch-shell-3')).toEqual([]);
});
