/** What a CI job is told to do: text from a workflow, parsed. */
import { FanfoldError } from '../base/errors/error.ts';
import { nearestName } from '../base/errors/nearest.ts';
import { binfmtImage, buildkitImage } from './pinned-images.ts';

/** The modes of a job. */
export const jobModes = ['plan', 'leg', 'content', 'publish', 'tee'] as const;

/** One of the modes. */
export type JobMode = (typeof jobModes)[number];

/** A job's inputs. */
export interface JobInputs {
  readonly mode: JobMode;
  readonly file: string | undefined;
  readonly only: readonly string[];
  readonly except: readonly string[];
  readonly all: boolean;
  readonly dryRun: boolean;
  /** Whether a publication takes tags from newer commits and versions, too. */
  readonly takeTags: boolean;
  readonly ref: string | undefined;
  readonly legs: string;
  readonly moment: string | undefined;
  readonly stagingOnly: boolean;
  /** Whether a leg's job publishes the targets that it completes. */
  readonly publish: boolean;
  /** Whether the run may publish at all. */
  readonly push: boolean;
  readonly jobsMax: number | undefined;
  /** Jobs that copy content, at the most. */
  readonly contentJobs: number;
  /** Which share of the content, as `2/8`. */
  readonly shard: string | undefined;
  readonly credentials: string;
  readonly to: readonly string[];
  readonly run: readonly string[];
  readonly buildkitImage: string;
  readonly binfmtImage: string;
}

/** Text by an input's name, as a workflow gives it; '' where it gives none. */
export type InputText = (name: string) => string;

/** @throws FanfoldError `usage.invalid` naming the input */
export function parseInputs(text: InputText): JobInputs {
  const optionalText = (name: string): string | undefined => (text(name) === '' ? undefined : text(name));
  return {
    mode: modeOf(text('mode')),
    file: optionalText('file'),
    only: wordsOf(text('only')),
    except: wordsOf(text('except')),
    all: flagOf('all', text('all'), false),
    dryRun: flagOf('dry-run', text('dry-run'), false),
    takeTags: flagOf('take-tags', text('take-tags'), false),
    ref: optionalText('ref'),
    legs: text('legs'),
    moment: optionalText('moment'),
    stagingOnly: flagOf('staging-only', text('staging-only'), false),
    publish: flagOf('publish', text('publish'), false),
    push: flagOf('push', text('push'), true),
    jobsMax: countOf('jobs-max', text('jobs-max')),
    contentJobs: text('content-jobs').trim() === '0' ? 0 : (countOf('content-jobs', text('content-jobs')) ?? 0),
    shard: optionalText('shard'),
    credentials: text('credentials'),
    to: linesOf(text('to')),
    run: linesOf(text('run')),
    buildkitImage: optionalText('buildkit-image') ?? buildkitImage,
    binfmtImage: optionalText('binfmt-image') ?? binfmtImage,
  };
}

function modeOf(text: string): JobMode {
  const mode = jobModes.find((one) => one === text);
  if (mode !== undefined) return mode;
  const near = nearestName(text.slice(0, 100), jobModes);
  throw wrong('mode', text, `one of ${jobModes.join(', ')}`, near);
}

/** A box in a form has one line: globs are parted by blanks as well as by line ends. */
function wordsOf(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function flagOf(name: string, text: string, otherwise: boolean): boolean {
  const word = text.trim().toLowerCase();
  if (word === '') return otherwise;
  if (word === 'true' || word === 'false') return word === 'true';
  throw wrong(name, text, 'true or false');
}

function countOf(name: string, text: string): number | undefined {
  if (text.trim() === '') return undefined;
  if (/^[1-9]\d{0,5}$/.test(text.trim())) return Number(text);
  throw wrong(name, text, 'a whole number from 1');
}

function wrong(name: string, text: string, expected: string, near?: string): FanfoldError {
  return new FanfoldError(
    'usage.invalid',
    `the input ${name} is ${JSON.stringify(text.slice(0, 100))}, not ${expected}`,
    {
      hint: near === undefined ? `give ${expected}` : `did you mean ${near}?`,
    },
  );
}
