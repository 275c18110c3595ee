/** The file of a CI service that a family asks for, beside the one that is committed. */
import { type Diagnostic, throwIfErrors } from '../base/errors/diagnostic.ts';
import { releasedAction } from '../call/released-action.ts';
import { version } from '../call/version.ts';
import { type ComparedFile, compareFile, standingOf } from '../ci/committed.ts';
import type { Family } from '../source/project/model.ts';
import type { Call } from './command.ts';

/** The services that files are made for. */
export const services = ['github', 'gitlab'] as const;

/** A CI service. */
export type Service = (typeof services)[number];

/** @throws DiagnosticsError where what fanfold.yaml says cannot run there */
export async function compareGenerated(
  family: Family,
  service: Service,
  { host, signal }: Pick<Call<Record<string, never>>, 'host' | 'signal'>,
): Promise<ComparedFile> {
  const { top, file } = await standingOf(family, host, { signal });
  if (service === 'gitlab') {
    const { parentPipeline } = await import('../ci/gitlab/pipeline.ts');
    const { gitlabSetting } = await import('../source/project/gitlab-schema.ts');
    const { pipeline } = family.gitlab ?? gitlabSetting();
    return await compareFile({ path: pipeline, text: parentPipeline(family, { file, version }) }, top, host);
  }
  const { githubWorkflow } = await import('../ci/github/workflow.ts');
  const diagnostics: Diagnostic[] = [];
  const own = releasedAction === undefined ? {} : { action: releasedAction };
  const workflow = githubWorkflow(family, { file, ...own }, diagnostics);
  throwIfErrors(diagnostics);
  return await compareFile(workflow, top, host);
}
