/** The result of a job while it is being put together: begun in the same tap as its photo, and there again after a killed page. */
import { useEffect } from 'preact/hooks';
import type { ResultDraft } from '../../capture/types';
import type { Id, JobOutcome } from '../../wire/types';
import { addPhotos, problems, useApp, type App } from '../app';

/** Null until it is known what was begun for this job. */
export function useResult(job: Id): ResultDraft | null {
  const { capture, result } = useApp();
  const draft = result.value?.job === job ? result.value : null;
  useEffect(() => {
    if (draft !== null) return;
    problems.value = [];
    void capture.result(job).then((opened) => {
      result.value = opened;
    });
  }, [job, draft]);
  return draft;
}

/** Stored before the camera opens, without waiting for it: a browser opens the camera only while the tap lasts. */
export function beginResult(app: App, draft: ResultDraft, result: JobOutcome): void {
  draft.set({ result });
  void draft.keep();
  if (result === 'done') app.take('camera', (files) => void addPhotos(app, draft, files));
}
