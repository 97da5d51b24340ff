/** What script adds to the resident's pages. Every page is whole without it: it only spares typing and waiting. */
import { warnWithoutSignal } from './connection';
import { showPhotos } from './photos';
import { keepTyped } from './typed';
import { pointOut } from './where';

// Where a page has something to mend, that is where reading goes on.
document.querySelector<HTMLElement>('[data-summary]')?.focus();

const form = document.querySelector<HTMLFormElement>('form[data-question]');
keepTyped(form);
if (form !== null) {
  warnWithoutSignal(form);
  showPhotos(form);
  pointOut(form);
}
