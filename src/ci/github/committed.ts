/** The workflow that a family asks for, beside the one that is committed. */
import { join, posix } from 'node:path';
import { type Diagnostic, throwIfErrors } from '../../base/errors/diagnostic.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import type { Host } from '../../base/host/host.ts';
import { unifiedDiff } from '../../report/unified-diff.ts';
import { findRepository } from '../../source/git/repository.ts';
import type { Family } from '../../source/project/model.ts';
import { githubWorkflow, type Workflow } from './workflow.ts';

/** A workflow with where it belongs, and how it differs from what stands there. */
export interface ComparedWorkflow extends Workflow {
  /** Absolute. */
  readonly file: string;
  /** From what stands there to what fanfold.yaml asks for, as `diff -u` prints it; absent where they are one. */
  readonly drift?: string;
}

/** GitHub takes no larger workflow (500 KB). */
const maxWorkflowBytes = 500_000;

/**
 * Makes the workflow and reads the committed one; nothing is written. `action` is Fanfold's own where the family names none.
 * @throws DiagnosticsError where what fanfold.yaml says cannot run there
 */
export async function compareWorkflow(
  family: Family,
  action: string | undefined,
  host: Pick<Host, 'files' | 'exec' | 'env'>,
  cancel: Cancel,
): Promise<ComparedWorkflow> {
  const repository = await findRepository(family.root, host, cancel);
  const top = repository?.root ?? family.root;
  const standing = posix.join(repository?.prefix ?? '', posix.basename(family.file));
  const diagnostics: Diagnostic[] = [];
  const workflow = githubWorkflow(family, { file: standing, ...(action === undefined ? {} : { action }) }, diagnostics);
  throwIfErrors(diagnostics);
  const file = join(top, workflow.path);
  const isThere = (await host.files.kindOf(file)) !== undefined;
  const committed = isThere ? await host.files.readText(file, maxWorkflowBytes) : '';
  const drift = unifiedDiff(
    { name: isThere ? `a/${workflow.path}` : '/dev/null', text: committed },
    { name: `b/${workflow.path}`, text: workflow.text },
  );
  return { ...workflow, file, ...(drift === undefined ? {} : { drift }) };
}
