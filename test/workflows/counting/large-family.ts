// The family of 457 legs as a repository with its generated workflow, of which the plan alone is carried out.

import { inject } from 'vitest';
import { historyRepository, readHistory } from '../../support/replayed-history.ts';
import type { TestRepository } from '../../support/repository.ts';
import { runOk } from '../../support/run.ts';

/** Lines that take every argument into the image: stand-ins would else make the same of legs that differ in what they leave out. */
const takesAll = `
ARG BACKEND BUILD_TYPE CUDA_MAJOR_VERSION CUDA_MINOR_VERSION BASE_IMAGE UBUNTU_VERSION SKIP_DRIVERS
ENV MADE_OF="$BACKEND $BUILD_TYPE $CUDA_MAJOR_VERSION $CUDA_MINOR_VERSION $BASE_IMAGE $UBUNTU_VERSION $SKIP_DRIVERS"
`;

/** The repository, and whether its paths and its matrix are the real project's. */
export async function largeFamily(registry: string): Promise<TestRepository & { readonly isReal: boolean }> {
  const history = readHistory();
  // Its own workflows are known by their paths alone, and are no workflows here.
  const paths = history.paths.filter((path) => !path.startsWith('.github/workflows/'));
  const repository = await historyRepository({ ...history, paths, commits: [] });
  const yaml = await repository.git('show', 'HEAD:fanfold.yaml');
  const mine = yaml.replace(/^destinations: .*$/m, `destinations: [${registry}/one, ${registry}/two]`);
  // Bases stand on registries of others, and change no count.
  const more = `bases: ignore\ngithub: { action: "acme/fanfold@${'c'.repeat(40)} # v0.1.0" }\n`;
  const dockerfiles = (await repository.git('ls-files', '*Dockerfile*')).split('\n').filter(Boolean);
  const texts = await Promise.all(dockerfiles.map((path) => repository.git('show', `HEAD:${path}`)));
  repository.write({
    'fanfold.yaml': `${more}${mine}`,
    ...Object.fromEntries(dockerfiles.map((path, place) => [path, `${texts[place]}${takesAll}`])),
  });
  const env = { PATH: process.env['PATH'] ?? '', HOME: repository.path };
  await runOk(process.execPath, [inject('cli'), 'generate', 'github'], { cwd: repository.path, env });
  await repository.commit();
  return { ...repository, isReal: history.isReal, [Symbol.dispose]: () => repository[Symbol.dispose]() };
}
