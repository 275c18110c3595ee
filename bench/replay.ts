/** A history of 905 commits through `fanfold plan --replay`: how many legs each reaches, with and without `inputs` declared. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { historyRepository, readHistory } from '../test/support/replayed-history.ts';

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const history = readHistory();
console.log(
  history.isReal
    ? `the paths of ${history.commits.length} real commits; contents and Dockerfiles are stand-ins`
    : `the data is not here: ${history.commits.length} generated commits of a generated family of the same shape`,
);
for (const narrow of [false, true]) {
  using repository = await historyRepository(history, { narrow });
  console.log(`\n# ${narrow ? 'inputs declared' : 'as the Dockerfiles say'}\n`);
  const args = ['--import', 'tsx', main, 'plan', '--replay', repository.first];
  const root = fileURLToPath(new URL('..', import.meta.url));
  const { status, signal } = spawnSync(process.execPath, [...args, '--file', repository.path], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`the replay ended with ${status ?? signal}`);
}
