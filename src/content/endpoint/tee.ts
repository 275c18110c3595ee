/** `tee`: an endpoint in front of any destinations, for one command, or until it is stopped. */
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { startEndpoint } from './endpoint.ts';
import type { Committed, EndpointEvent } from './events.ts';
import type { EndpointOptions } from './options.ts';

/** Where what is pushed goes, and how. */
export interface TeeOptions extends Pick<EndpointOptions, 'store' | 'name' | 'subjects'> {
  readonly on?: (event: EndpointEvent) => void;
  /** Hears where to push to as soon as the endpoint serves. */
  readonly onReady?: (reference: string) => void;
}

/** How it ended. */
export interface TeeOutcome {
  /** The command's exit status; 0 without a command. */
  readonly status: number;
  /** What the destinations hold now. */
  readonly committed: readonly Committed[];
}

/** Stands for the endpoint's reference in an argument of the command: `--tag {reference}:1.4`. */
export const referencePlaceholder = '{reference}';

/**
 * Runs a command that pushes to the endpoint: it finds the reference in FANFOLD_REFERENCE and the registry's host in FANFOLD_HOST, and
 * for `{reference}` in its arguments. No shell is asked. What is still held when it ends well is committed; when it fails, it is not.
 * @throws FanfoldError `host.program` where the command cannot be started, and what the store threw
 */
export async function teeCommand(
  options: TeeOptions,
  [program, ...args]: readonly [string, ...string[]],
  host: Pick<Host, 'env' | 'exec' | 'random'>,
  cancel: Cancel,
): Promise<TeeOutcome> {
  const committed: Committed[] = [];
  const on = (event: EndpointEvent): void => {
    if (event.kind === 'committed') committed.push({ ...event });
    options.on?.(event);
  };
  await using endpoint = await startEndpoint({ ...options, on, tags: true, random: host.random }, cancel);
  options.onReady?.(endpoint.reference);
  const env = { ...host.env, FANFOLD_REFERENCE: endpoint.reference, FANFOLD_HOST: endpoint.host };
  const given = args.map((argument) => argument.replaceAll(referencePlaceholder, endpoint.reference));
  const { status } = await host.exec.run(program, given, { env, inherit: true }, cancel);
  return { status, committed: status === 0 ? await endpoint.finish(cancel) : committed };
}

/** Serves until `cancel`, and commits each manifest as it comes, by digest too. What a client still waits for then is committed. */
export async function teeUntilStopped(
  options: TeeOptions,
  host: Pick<Host, 'random'>,
  { signal }: Cancel,
): Promise<TeeOutcome> {
  await using endpoint = await startEndpoint({ ...options, tags: true, eager: true, random: host.random });
  options.onReady?.(endpoint.reference);
  await new Promise<void>((resolve) => {
    if (signal === undefined || signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return { status: 0, committed: await endpoint.finish() };
}
