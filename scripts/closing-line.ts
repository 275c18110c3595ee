// Prints a test run's closing line from vitest's JSON report: `tests: N passed, N failed, N skipped`.
// Call: closing-line.ts REPORT VITEST-STATUS. Ends with a status other than 0 if anything failed or nothing ran.

import { existsSync, readFileSync } from 'node:fs';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { status: string }[];
  }[];
}

const [reportFile = '', vitestStatus = '1'] = process.argv.slice(2);
const report: Report | undefined = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : undefined;
const passed = report?.numPassedTests ?? 0;
const skipped = (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0);
const failed = countFailed();
console.log(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

// A file that could not be loaded has no failed test of its own; an error outside of every test shows in the status alone.
function countFailed(): number {
  const files = report?.testResults ?? [];
  const broken = files.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const counted = (report?.numFailedTests ?? 0) + broken.length;
  return counted === 0 && vitestStatus !== '0' ? 1 : counted;
}
