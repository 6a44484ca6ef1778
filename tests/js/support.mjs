/** Shared by the tests: a clock that the test moves, and job status objects. */

export class FakeClock {
  time = 0;
  timers = new Map();
  #next = 1;

  now = () => this.time;
  set = (callback, ms) => {
    const id = this.#next++;
    this.timers.set(id, { at: this.time + ms, callback });
    return id;
  };
  clear = (id) => this.timers.delete(id);

  /** Milliseconds until each timer is due, the soonest first. */
  waits() {
    return [...this.timers.values()].map(({ at }) => at - this.time).sort((a, b) => a - b);
  }

  /** Advance the clock. Timers run in the order in which they are due, with their promises. */
  async pass(ms) {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const due = [...this.timers].filter(([, timer]) => timer.at <= end);
      if (due.length === 0) break;
      const [id, timer] = due.sort((a, b) => a[1].at - b[1].at)[0];
      this.timers.delete(id);
      this.time = Math.max(this.time, timer.at);
      timer.callback();
      await settle();
    }
    this.time = end;
  }
}

/** Let the callbacks of all resolved promises run. */
export async function settle() {
  await new Promise((resolve) => setImmediate(resolve));
}

export function job({ progress = {}, ...fields } = {}) {
  return {
    id: "11111111-1111-4111-8111-111111111111",
    operation: "verify",
    label: "Verify files",
    status: "processing",
    error: null,
    notice: null,
    items_per_second: null,
    eta_seconds: null,
    active_seconds: null,
    created_at: "2025-11-22T09:00:00.000Z",
    started_at: "2025-11-22T09:00:01.000Z",
    finished_at: null,
    created_by: null,
    cancelled_by: null,
    current: [],
    ...fields,
    progress: {
      total: 100,
      processed: 25,
      succeeded: 24,
      failed: 1,
      in_flight: 2,
      pending: 73,
      skipped: 0,
      percent: 25,
      ...progress,
    },
  };
}
