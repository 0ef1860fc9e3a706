/** Does something so often, and never drifts: what is late is made up for. */
export function every(intervalMs: number, act: (index: number, dueMs: number) => void): void {
  const startMs = performance.now();
  let index = 0;
  const wake = () => {
    for (; performance.now() >= startMs + intervalMs * index; index++) act(index, startMs + intervalMs * index);
    setTimeout(wake, startMs + intervalMs * index - performance.now());
  };
  wake();
}
