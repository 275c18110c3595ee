// The command files of one step: made empty, read when it ends.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a step wrote into its files. */
export interface StepWritings {
  readonly output: string;
  readonly env: string;
  readonly path: string;
  readonly summary: string;
}

/** The files of a step. */
export interface StepFiles {
  readonly env: Readonly<Record<string, string>>;
  read(): StepWritings;
}

const names = {
  GITHUB_OUTPUT: 'output',
  GITHUB_ENV: 'env',
  GITHUB_PATH: 'path',
  GITHUB_STEP_SUMMARY: 'summary',
} as const;

/** Makes the files of the nth step in a runner's folder. */
export function makeStepFiles(temp: string, place: number): StepFiles {
  const folder = join(temp, '_runner_file_commands');
  mkdirSync(folder, { recursive: true });
  const path = (name: string): string => join(folder, `${name}_${place}`);
  for (const name of [...Object.values(names), 'state']) writeFileSync(path(name), '');
  const text = (name: string): string => readFileSync(path(name), 'utf8');
  return {
    env: {
      ...Object.fromEntries(Object.entries(names).map(([variable, name]) => [variable, path(name)])),
      GITHUB_STATE: path('state'),
    },
    read: () => ({ output: text('output'), env: text('env'), path: text('path'), summary: text('summary') }),
  };
}
