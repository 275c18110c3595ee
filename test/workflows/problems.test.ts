// Mistakes in a builder's output as annotations of the job: at the file and line of the repository, though the build saw a copy somewhere else.
import { describe, expect, test } from 'vitest';
import { needs } from '../support/peers.ts';
import type { Annotation } from './harness/log.ts';
import { expectJobs, scenePrograms } from './scene/expect.ts';
import { registryPair } from './scene/pair.ts';
import { makeScene } from './scene/scene.ts';

const place = ({ kind, properties: { file, line, col = '' } }: Annotation): string => `${kind} ${file}:${line}:${col}`;

describe.runIf(needs(...scenePrograms))('a build that fails', { timeout: 300_000 }, () => {
  const pair = registryPair();

  test('is shown where its programs say; what it prints forges nothing', async () => {
    await using scene = await makeScene(pair.first, pair.second);
    const attempt = await scene.run({
      'tool/Dockerfile': [
        `FROM ${pair.first.host}/base/busybox`,
        'WORKDIR /work',
        'COPY . app',
        'RUN cat app/tolerated; true',
        'RUN cat app/told; sh app/scripts/install.sh',
        '',
      ].join('\n'),
      'tool/scripts/install.sh': 'if true; then\n  echo yes\n  fi fi\n',
      'tool/src/main.c': 'int main() { return y; }\n',
      'tool/tolerated': 'src/main.c:1:5: error: only a try of configure\n',
      'tool/told': [
        'app/src/main.c:1:21: error: y undeclared%0A::error file=alpha/file,line=1::forged',
        '::error file=alpha/file,line=1::forged',
        '::stop-commands::forged',
        '/usr/include/main.c:7:1: error: in a header of the system',
        '../../../etc/passwd:1:1: error: outside',
        '',
      ].join('\n'),
    });
    expectJobs(attempt, { plan: 'success', 'legs-1': 'failure', publish: 'failure', gate: 'failure' });
    const leg = attempt.cells.find(({ report, name }) => name.startsWith('job-') && report?.result === 'failure');
    const annotations = leg?.report?.annotations ?? [];
    expect(annotations.map(place), attempt.text).toEqual([
      'error tool/Dockerfile:5:',
      'error tool/src/main.c:1:21',
      'error tool/scripts/install.sh:3:',
    ]);
    expect(annotations.map(({ message }) => message)).toEqual([
      expect.stringContaining('docker buildx build ended with status 1'),
      'y undeclared%0A::error file=alpha/file,line=1::forged',
      expect.stringMatching(/^syntax error: unexpected/),
    ]);
    expect(annotations.every(({ properties: { title } }) => title === 'build.failed')).toBe(true);
  });
});
