/** What the expressions of a template stand for, given an event. */

import { formatDate } from './date-format.ts';
import { branchOf, type GitEvent, gitTagOf, isDefaultBranch, pullRequestOf } from './event.ts';
import type { Expression, ExpressionName } from './template.ts';

/** A function from expressions to text: those of the event, and `more` (a version's parts) where they are named. */
export function expressionValues(
  event: GitEvent,
  more: Readonly<Partial<Record<ExpressionName, string>>> = {},
): (expression: Expression) => string {
  return ({ name, format, zone }) => {
    switch (name) {
      case 'branch':
        return branchOf(event) ?? '';
      case 'tag':
        return gitTagOf(event) ?? '';
      case 'sha':
        return event.shortSha;
      case 'base_ref':
        return gitTagOf(event) === undefined && pullRequestOf(event) === undefined ? '' : event.baseRef;
      case 'is_default_branch':
        return String(isDefaultBranch(event));
      case 'is_not_default_branch':
        return String(!isDefaultBranch(event));
      case 'date':
        return formatDate(event.nowMs, format, zone);
      case 'commit_date':
        return formatDate(event.commitTimeMs ?? event.nowMs, format, zone);
      case 'raw':
      case 'version':
      case 'major':
      case 'minor':
      case 'patch':
        return more[name] ?? '';
      default:
        return name satisfies never;
    }
  };
}
