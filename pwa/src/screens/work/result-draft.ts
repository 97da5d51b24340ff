/** The result of a job while it is being put together: begun in the same tap as its photo, and there again after a killed page. */
import { useEffect, useState } from 'preact/hooks';
import type { ResultDraft } from '../../capture/types';
import type { Id, JobOutcome } from '../../wire/types';
import { addPhotos, problems, useApp, type App } from '../app';

/**
 * Undefined until it is known what was begun for this job; null where nothing was, and the job is not on this phone.
 * Whatever was begun outlives the job: the council may have given it to somebody else while the crew stood there.
 */
export function useResult(id: Id): ResultDraft | null | undefined {
  const { capture, outbox, result } = useApp();
  const job = outbox.data.jobs.value.find((known) => known.id === id) ?? null;
  const [none, setNone] = useState(false);
  const draft = result.value?.job === id ? result.value : null;
  useEffect(() => {
    if (draft !== null) return;
    problems.value = [];
    void capture.result(id, job).then((opened) => {
      result.value = opened;
      setNone(opened === null);
    });
  }, [id, draft, job === null]);
  return draft ?? (none ? null : undefined);
}

/** Stored before the camera opens, without waiting for it: a browser opens the camera only while the tap lasts. */
export function beginResult(app: App, draft: ResultDraft, result: JobOutcome): void {
  draft.set({ result });
  void draft.keep();
  if (result === 'done') app.take('camera', (files) => void addPhotos(app, draft, files));
}
