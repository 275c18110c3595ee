/**
 * `npm run bench:cache`: one leg, built by a builder that remembers nothing of it, under each policy of `cache`: at first, again with another late file, and
 * with another early one. Its tools are packed by real work (gzip -9) in a stage of their own; its steps are those of any image with tools and a program.
 */
import { familyYaml } from '../test/support/family.ts';
import { forgetSteps, newMark } from '../test/support/forget.ts';
import { pushBusybox } from '../test/support/images.ts';
import { environmentForPeers } from '../test/support/peers.ts';
import { startRegistry } from '../test/support/registry.ts';
import { testRepository } from '../test/support/repository.ts';
import { run } from '../test/support/run.ts';
import { bundleCommand } from './command.ts';
import { printMachine } from './machine.ts';

const timeoutMs = 10 * 60_000;

printMachine('cache: one leg on a builder that remembers nothing', ['docker', 'docker-registry']);
using command = bundleCommand();
await using registry = await startRegistry();
await pushBusybox(registry.host);
console.log('\n| cache | build | leg took | steps cached | read | written | writing took |');
console.log('|---|---|---|---|---|---|---|');
for (const policy of ['off', 'min', 'max'] as const) await measure(policy);

async function measure(policy: 'off' | 'min' | 'max'): Promise<void> {
  const mark = newMark();
  using repository = await testRepository();
  const destination = `${registry.host}/${policy}`;
  await repository.commit({
    'fanfold.yaml': familyYaml([destination], { app: '' }, `cache: ${policy}`),
    'app/Dockerfile': dockerfile(mark),
    [`app/early-${mark}`]: 'one',
    [`app/late-${mark}`]: 'one',
  });
  const changes = {
    first: {},
    'late file': { [`app/late-${mark}`]: 'two' },
    'early file': { [`app/early-${mark}`]: 'two' },
  };
  for (const [name, change] of Object.entries(changes)) {
    if (Object.keys(change).length > 0) await repository.commit(change);
    await forgetSteps(mark);
    const env = { ...environmentForPeers(), HOME: repository.path };
    const { status, stdout, stderr } = await run(process.execPath, [command.path, 'run', '--json'], {
      cwd: repository.path,
      env,
      timeoutMs,
    });
    if (status !== 0) throw new Error(stderr);
    console.log(`| ${[policy, name, ...cells(stdout)].join(' | ')} |`);
  }
}

interface Told {
  readonly legs: readonly {
    readonly durationMs: number;
    readonly cache?: {
      readonly steps: number;
      readonly cachedSteps: number;
      readonly readBytes: number;
      readonly writtenBytes: number;
      readonly exportMs?: number;
    };
  }[];
}

function cells(stdout: string): readonly string[] {
  const [leg] = (JSON.parse(stdout) as Told).legs;
  const { durationMs = 0, cache } = leg ?? {};
  const took = `${(durationMs / 1000).toFixed(1)} s`;
  if (cache === undefined) return [took, '', '', '', ''];
  const { cachedSteps, steps, readBytes, writtenBytes, exportMs = 0 } = cache;
  return [took, `${cachedSteps} of ${steps}`, mebibytes(readBytes), mebibytes(writtenBytes), `${exportMs / 1000} s`];
}

function mebibytes(sizeBytes: number): string {
  return `${(sizeBytes / 1024 ** 2).toFixed(1)} MiB`;
}

function dockerfile(mark: string): string {
  return [
    `FROM ${registry.host}/busybox AS tools`,
    `COPY early-${mark} /early`,
    // What a compiler would do: a good deal of work for little output.
    `RUN echo ${mark}; for n in 1 2 3 4; do head -c 20000000 /dev/urandom | gzip -9 | tail -c 2000000 >> /tool-${mark}; done`,
    `FROM ${registry.host}/busybox`,
    `COPY --from=tools /tool-${mark} /usr/bin/tool`,
    `COPY late-${mark} /app/late`,
    `RUN echo ${mark} > /app/made`,
    '',
  ].join('\n');
}
