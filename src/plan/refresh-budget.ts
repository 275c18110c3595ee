/** Which refreshes are made now and which wait, where a family bounds how many legs a plan builds for them. */

/** A target of which nothing has changed but the period: all its legs stand in staging as of the period before. */
export interface DueTarget {
  readonly name: string;
  readonly legs: number;
  /** When the oldest of its legs was built, in milliseconds since 1970. */
  readonly builtMs: number;
}

/**
 * The targets that wait, by name. The oldest is refreshed first, with all its legs, however small the budget is; from the first one that does
 * not fit on all wait, so that a large target's turn comes.
 */
export function deferredTargets(due: readonly DueTarget[], budget: number): readonly string[] {
  const ordered = [...due].sort((a, b) => a.builtMs - b.builtMs || (a.name < b.name ? -1 : 1));
  let left = budget;
  const end = ordered.findIndex(({ legs }, place) => {
    left -= legs;
    return left < 0 && place > 0;
  });
  return end === -1 ? [] : ordered.slice(end).map(({ name }) => name);
}
