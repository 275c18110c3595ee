// Writes the reusable workflow from the generator that writes families' own; with --check tells whether it is fresh.

import { reusableWorkflow } from '../src/ci/github/reusable.ts';
import { writeOrCheck } from './generated.ts';

await writeOrCheck([{ path: '.github/workflows/publish.yml', text: reusableWorkflow() }]);
