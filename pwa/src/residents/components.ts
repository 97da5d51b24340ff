/** The scripts of GOV.UK Frontend that these pages have a use for. */
import { Button, ErrorSummary } from 'govuk-frontend';

const components = [Button, ErrorSummary];

/** Starts those in a part of the page: an error summary takes the focus, and a link that looks like a button is pressed like one. */
export function startComponents(part: ParentNode): void {
  document.body.classList.add('govuk-frontend-supported');
  for (const Component of components) {
    for (const root of part.querySelectorAll(`[data-module="${Component.moduleName}"]`)) new Component(root);
  }
}
