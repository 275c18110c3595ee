/** The test gate of a leg: its target's commands, run on what staging holds; that they passed is noted beside it. */
import { posix } from 'node:path';
import { FanfoldError, messageOf } from '../base/errors/error.ts';
import { anyOf, type Cancel } from '../base/host/cancel.ts';
import { createBuildLog } from '../build/build-log.ts';
import { startEndpoint } from '../content/endpoint/endpoint.ts';
import { formatPlatform } from '../content/oci/platform.ts';
import { formatLocation } from '../content/oci/reference.ts';
import type { OpenedStore } from '../content/store/open.ts';
import type { LegRecord } from '../ledger/leg-record.ts';
import { hasPassed, notePassed, type Tested } from '../ledger/test-note.ts';
import type { KeyedLeg } from '../source/inputs/leg-inputs.ts';
import type { Leg } from '../source/project/model.ts';
import type { LegSetting } from './leg.ts';
import { testEnvironment } from './test-environment.ts';

/** What testing needs of a run. */
export type TestSetting = Pick<LegSetting, 'family' | 'host' | 'open' | 'run' | 'on'>;

const limitMinutes = 30;
const shownLines = 20;

/**
 * Tests a leg that staging holds, unless it passed these commands before; nothing is asked or done where there are none.
 * @throws FanfoldError `run.test` where a command fails, or all of them take longer than 30 minutes
 */
export async function testLeg(
  { key, leg }: KeyedLeg,
  record: LegRecord,
  setting: TestSetting,
  cancel: Cancel,
): Promise<void> {
  const commands = leg.target.test ?? [];
  if (commands.length === 0) return;
  const staging = await setting.open(leg.target.staging, cancel);
  const tested: Tested = { key, leg: leg.name, commands, image: record.manifest.digest };
  if (await hasPassed(staging, tested, cancel)) return;
  await runTests(leg, tested, staging, setting, cancel);
  const passed = { run: setting.run, passedMs: setting.host.clock.now() };
  await notePassed(staging, tested, passed, cancel).catch((problem: unknown) => {
    cancel.signal?.throwIfAborted();
    const message = `its tests passed, and staging does not take the note of it: they will run again (${messageOf(problem)})`;
    setting.on({ kind: 'leg-notice', leg: leg.name, message });
  });
}

/** The image is served on loopback, so that no program needs a login to read staging, or could write to it. */
async function runTests(
  leg: Leg,
  { commands, image }: Tested,
  staging: OpenedStore,
  setting: TestSetting,
  cancel: Cancel,
): Promise<void> {
  const { host } = setting;
  const serving = { store: readOnly(staging), name: leg.target.name, random: host.random, platform: leg.platform };
  await using endpoint = await startEndpoint(serving, cancel);
  const reference = `${endpoint.reference}@${image}`;
  const staged = `${formatLocation(leg.target.staging)}@${image}`;
  await using environment = await testEnvironment(host, {
    FANFOLD_IMAGE: staged,
    FANFOLD_REFERENCE: reference,
    FANFOLD_TARGET: leg.target.name,
    FANFOLD_PLATFORM: formatPlatform(leg.platform),
  });
  const limit = AbortSignal.timeout(limitMinutes * 60_000);
  for (const [place, command] of commands.entries()) {
    const filled = command.map((text) => text.replaceAll('{reference}', reference).replaceAll('{image}', staged));
    const title = `test ${place + 1} of ${commands.length}`;
    await runTest(leg, filled, { title, env: environment.env, limit }, setting, cancel);
  }
}

interface OneTest {
  readonly title: string;
  readonly env: Readonly<Record<string, string>>;
  /** Ends it. */
  readonly limit: AbortSignal;
}

async function runTest(
  leg: Leg,
  [program = '', ...args]: readonly string[],
  { title, env, limit }: OneTest,
  { family, host, on }: TestSetting,
  cancel: Cancel,
): Promise<void> {
  const log = createBuildLog((event) => {
    if (event.kind === 'log') on({ kind: 'leg-log', leg: leg.name, line: event.line });
  }, host.secrets);
  log.hear(`${title}: ${posix.basename(program)}`);
  try {
    const given = { cwd: family.root, env, onLine: log.hear };
    const { status } = await host.exec.run(program, args, given, anyOf(cancel, limit));
    if (status === 0) return;
    throw failed(leg, `${title} (${posix.basename(program)}) ended with status ${status}`, log.lines());
  } catch (error) {
    if (!limit.aborted || cancel.signal?.aborted === true) throw error;
    throw failed(leg, `${title} did not end within the ${limitMinutes} minutes that tests have`, log.lines());
  }
}

function failed(leg: Leg, what: string, lines: readonly string[]): FanfoldError {
  const said = lines.filter((line) => line.trim() !== '').slice(-shownLines);
  return new FanfoldError('run.test', [`${leg.name}: ${what}`, ...said.map((line) => `  ${line}`)].join('\n'), {
    place: leg.target.place,
    hint: `its tags stay; to test it again without a build: fanfold build --leg ${leg.name}`,
  });
}

function readOnly(store: OpenedStore): OpenedStore {
  const refuse = (): Promise<never> =>
    Promise.reject(new FanfoldError('registry.denied', 'a test reads its image, and writes nothing'));
  return { ...store, write: refuse, tag: refuse, begin: refuse, ...('mount' in store ? { mount: refuse } : {}) };
}
