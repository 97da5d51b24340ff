/** Puts the worker in place that keeps the form for when there is no signal, once this page has been drawn. */
export function keepFormAtHand(council: string | undefined): void {
  if (!('serviceWorker' in navigator) || council === undefined) return;
  const put = (): void => {
    void navigator.serviceWorker.register(`/residents-sw.js?council=${council}`, { scope: '/report' }).catch(() => undefined);
  };
  if (document.readyState === 'complete') put();
  else window.addEventListener('load', put, { once: true });
}
