// The machine of one job: clean folders, and an environment in which only what is named is known.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import type { Grace } from './process.ts';

/** What a runner image brings. */
export interface Machine {
  /** Folders of programs, the first wins. */
  readonly path: readonly string[];
  /** Variables of the image. Nothing else of the test's own environment is seen by a job. */
  readonly env: Readonly<Record<string, string>>;
  /** Files in HOME, by path. */
  readonly home: Readonly<Record<string, string>>;
  /** Node.js by the word of `using:` (`node20`, `node24`). */
  readonly nodes: Readonly<Record<string, string>>;
  readonly grace: Grace;
  /** How long a minute of `timeout-minutes` lasts. */
  readonly minuteMs: number;
  /** What machines of other labels have instead of `path`. */
  readonly paths?: Readonly<Record<string, readonly string[]>>;
}

/** The folders of a job's runner, removed when it goes out of scope. */
export interface Runner extends Disposable {
  readonly home: string;
  readonly temp: string;
  readonly tools: string;
  readonly workspace: string;
  readonly trackingId: string;
  /** The variables that every process of the job has, GITHUB_* apart. */
  readonly env: Readonly<Record<string, string>>;
}

let made = 0;

/** Makes the machine for a job of a repository (its name without the owner). */
export function makeRunner(machine: Machine, repository: string, labels: string): Runner {
  const folder = temporaryFolder('job');
  const at = (...parts: readonly string[]): string => {
    const path = join(folder.path, ...parts);
    mkdirSync(path, { recursive: true });
    return path;
  };
  const [home, temp, tools] = [at('home'), at('work', '_temp'), at('tools')];
  const workspace = at('work', repository, repository);
  for (const [path, text] of Object.entries(machine.home)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  const trackingId = `fanfold_${process.pid}_${++made}`;
  return {
    ...{ home, temp, tools, workspace, trackingId },
    env: {
      ...machine.env,
      PATH: (machine.paths?.[labels] ?? machine.path).join(':'),
      HOME: home,
      LANG: 'C.UTF-8',
      CI: 'true',
      RUNNER_OS: /^macos/.test(labels) ? 'macOS' : 'Linux',
      RUNNER_ARCH: /arm|^macos-\d+$/.test(labels) ? 'ARM64' : 'X64',
      RUNNER_NAME: `GitHub Actions ${made}`,
      RUNNER_ENVIRONMENT: 'github-hosted',
      RUNNER_TEMP: temp,
      RUNNER_TOOL_CACHE: tools,
      RUNNER_WORKSPACE: dirname(workspace),
      RUNNER_TRACKING_ID: trackingId,
    },
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
