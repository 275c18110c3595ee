/** `runs-on` of a job that needs no machine of its own kind. */
import { defaultRunner } from '../../runners/catalog.ts';
import type { RunsOn } from '../../source/project/github-setting.ts';
import { flowList, literal } from '../yaml-text.ts';

/** `runs-on: LABEL`, `runs-on: [LABELS]`, or a group with its labels. */
export function runnerLines(runner: RunsOn = defaultRunner): readonly string[] {
  if (typeof runner === 'string') return [`runs-on: ${literal(runner)}`];
  if (!('group' in runner)) return [`runs-on: ${flowList(runner)}`];
  const { group, labels = [] } = runner;
  const labelled = labels.length === 0 ? [] : [`  labels: ${flowList(labels)}`];
  return ['runs-on:', `  group: ${literal(group)}`, ...labelled];
}
