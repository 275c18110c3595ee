// What must hold of a scene after a run.

import { expect } from 'vitest';
import type { Attempt } from '../harness/run.ts';
import type { PublishedImage } from './read-back.ts';
import { type Scene, type TargetName, targets } from './scene.ts';

/** All programs that a scene needs. */
export const scenePrograms = ['engine', 'docker', 'docker-registry', 'skopeo', 'openssl'] as const;

/** How the jobs of a run end in which all goes well and one job builds. */
export const success = { plan: 'success', 'legs-1': 'success', publish: 'success', gate: 'success' };

/** A tag of a target names the same whole image in both registries, with every platform; gives its digest. */
export async function expectPublished(scene: Scene, target: TargetName, tag: string): Promise<string> {
  const [first, second] = await scene.published(target, tag);
  expect(first, `${target}:${tag} in the first registry`).toBeDefined();
  expect(second, `${target}:${tag} in the second registry`).toEqual(first);
  const { digest, platforms } = first as PublishedImage;
  expect([...platforms].sort()).toEqual([...targets[target]].sort());
  return digest;
}

/** `expectPublished` of every target. */
export async function expectAllPublished(scene: Scene, tag: string): Promise<Readonly<Record<TargetName, string>>> {
  const digests = await Promise.all(scene.targets.map(async (name) => [name, await expectPublished(scene, name, tag)]));
  return Object.fromEntries(digests);
}

/** A tag names nothing in either registry. */
export async function expectAbsent(scene: Scene, target: TargetName, tag: string): Promise<void> {
  expect(await scene.published(target, tag)).toEqual([undefined, undefined]);
}

/** The run's jobs that ended so, by name; a failure shows the logs. */
export function expectJobs(attempt: Attempt, want: Readonly<Record<string, string>>): void {
  const ended = Object.fromEntries([...attempt.jobs.values()].map(({ id, result }) => [id, result]));
  expect(ended, attempt.text).toEqual(want);
}

/** The legs that an attempt's own jobs built, sorted. */
export function builtLegs(attempt: Attempt): readonly string[] {
  const own = attempt.cells.filter(({ name }) => attempt.ran.includes(name));
  const lines = own.flatMap(({ report }) => report?.log.split('\n') ?? []);
  return lines.flatMap((line) => /^built {3}(\S+) /.exec(line)?.[1] ?? []).sort();
}

/** What the jobs of these names wrote as their summaries. */
export function summaryOf(attempt: Attempt, job: string): string {
  const cells = attempt.jobs.get(job)?.cells ?? [];
  return cells.map(({ report }) => report?.summary ?? '').join('\n');
}

/**
 * Of requests that wrote, those that users could see or that carried content: uploads, and tags in destinations. What Fanfold notes in staging
 * (which commit a tag is of, which key failed) and an index written by its digest, the same bytes again, are neither.
 */
export function visibleWrites(requests: readonly (readonly string[])[]): readonly string[] {
  return requests
    .flat()
    .filter((line) => !/ \S+-staging\/manifests\/\w1-/.test(line) && !/\/manifests\/sha256:/.test(line));
}
