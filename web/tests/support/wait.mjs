// Waiting for what comes true, and never longer than a test has time for.

/** Calls `check` until it gives something truthy, which is the result. Fails with `what` and the last error or value. */
export async function until(what, check, { within = 10_000, every = 40 } = {}) {
  const end = Date.now() + within;
  let last;
  for (;;) {
    try {
      last = await check();
      if (last) return last;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`did not come true: ${what}${last instanceof Error ? `: ${last.message}` : ''}`, last instanceof Error ? { cause: last } : undefined);
    }
    await new Promise((resolve) => setTimeout(resolve, every));
  }
}

/** Fails when `check` stops holding within `time` milliseconds. Only for what must not happen. */
export async function holds(what, check, time) {
  const end = Date.now() + time;
  while (Date.now() < end) {
    if (!(await check())) throw new Error(`did not hold: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
