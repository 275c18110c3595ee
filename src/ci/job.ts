/** A CI job: what each of its modes finds. */
import type { Host } from '../base/host/host.ts';
import type { Style } from '../report/style.ts';
import type { Occasion } from './github/event.ts';
import type { JobLog } from './github/log.ts';
import type { JobInputs } from './job-inputs.ts';

/** One job. */
export interface Job {
  readonly inputs: JobInputs;
  /** The machine with the job's credentials, which no program inherits. */
  readonly host: Host;
  /** What GitHub may have masked: the user names and passwords of the job's credentials. */
  readonly masked: readonly string[];
  readonly log: JobLog;
  readonly style: Style;
  /** What started it, and so what it may do. */
  readonly occasion: Occasion;
  readonly signal: AbortSignal;
  /** The machine's root: what a hosted runner brings is below it. */
  readonly root: string;
}
