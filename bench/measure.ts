/** Contestants in alternating rounds, compared pair by pair: a machine that is slow for a while is slow for both. */

/** What one run took. */
export interface Measured {
  readonly wallMs: number;
  /** User and system time. */
  readonly processorMs: number;
  /** Of the largest process. */
  readonly peakBytes: number;
}

/** One way to do the work. `run` prepares by itself and gives only what is to be compared. */
export interface Contestant {
  readonly name: string;
  run(): Promise<Measured>;
}

/** All runs, by contestant; the same place in each list is the same round. */
export type Rounds = ReadonlyMap<string, readonly Measured[]>;

/** How long a comparison may go on: `rounds` at the most, and none that would probably end after `budgetMs`. */
export interface RaceOptions {
  readonly rounds: number;
  readonly budgetMs: number;
}

/** Runs every contestant once a round, every second round in reverse order. One round is always run. */
export async function race(contestants: readonly Contestant[], options: RaceOptions): Promise<Rounds> {
  const rounds = new Map<string, Measured[]>(contestants.map(({ name }) => [name, []]));
  const startedMs = performance.now();
  let longestMs = 0;
  for (let round = 0; round < options.rounds; round++) {
    const roundStartedMs = performance.now();
    if (round > 0 && roundStartedMs + longestMs > startedMs + options.budgetMs) break;
    for (const contestant of round % 2 === 0 ? contestants : contestants.toReversed()) {
      rounds.get(contestant.name)?.push(await contestant.run());
    }
    longestMs = Math.max(longestMs, performance.now() - roundStartedMs);
  }
  return rounds;
}

/** What of a run is compared. */
export type Quantity = keyof Measured;

/** The quantity of every run of a contestant. */
export function valuesOf(rounds: Rounds, name: string, quantity: Quantity): readonly number[] {
  return (rounds.get(name) ?? []).map((measured) => measured[quantity]);
}

/** `name`'s quantity over `other`'s, round by round. */
export function ratiosOf(rounds: Rounds, name: string, other: string, quantity: Quantity): readonly number[] {
  const against = valuesOf(rounds, other, quantity);
  return valuesOf(rounds, name, quantity).flatMap((value, round) => {
    const base = against[round];
    return base === undefined ? [] : [value / base];
  });
}

/** The middle value; of an even count, the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** `median (least to most)`. */
export function spreadText(values: readonly number[], digits: number): string {
  const text = (value: number): string => value.toFixed(digits);
  return `${text(median(values))} (${text(Math.min(...values))} to ${text(Math.max(...values))})`;
}

/** Prints a line for each contestant: seconds, processor seconds, peak memory, the median of all rounds and their range. */
export function printRounds(rounds: Rounds): void {
  for (const name of rounds.keys()) {
    const scaled = (quantity: Quantity, unit: number): readonly number[] =>
      valuesOf(rounds, name, quantity).map((value) => value / unit);
    const parts = [
      `${spreadText(scaled('wallMs', 1000), 2)} s`,
      `processor ${spreadText(scaled('processorMs', 1000), 2)} s`,
      `peak ${spreadText(scaled('peakBytes', 2 ** 20), 0)} MiB`,
    ];
    console.log(`${name.padEnd(44)} ${parts.join(', ')}; ${valuesOf(rounds, name, 'wallMs').length} runs`);
  }
}

/** Prints a figure beside its goal; it never fails: machines differ, and a busy one tells nothing. */
export function printGoal(what: string, figure: string, goal: string): void {
  console.log(`=> ${what}: ${figure}; goal: ${goal}`);
}
