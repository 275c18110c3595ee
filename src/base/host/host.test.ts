import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backoffMs, retryAfterMs } from './backoff.ts';
import { systemExec } from './exec.ts';
import { insidePath, systemFiles } from './files.ts';
import { lockFile } from './lock.ts';
import { createSecrets } from './secrets.ts';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fanfold-host-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('backoff', () => {
  const options = { firstMs: 100, maxMs: 1000 };
  test.for([
    { name: 'the first wait, no jitter', attempt: 1, random: 0, want: 50 },
    { name: 'the first wait, all jitter', attempt: 1, random: 0.999, want: 100 },
    { name: 'doubles', attempt: 3, random: 0, want: 200 },
    { name: 'is bounded', attempt: 20, random: 0, want: 500 },
    { name: 'never less than what was asked for', attempt: 1, random: 0, askedMs: 7000, want: 7000 },
  ])('$name', ({ attempt, random, askedMs, want }) => expect(backoffMs(attempt, random, options, askedMs)).toBe(want));

  test.for([
    { name: 'seconds', given: '3', want: 3000 },
    { name: 'a date', given: 'Thu, 01 Jan 1970 00:00:05 GMT', want: 4000 },
    { name: 'a date that has passed', given: 'Thu, 01 Jan 1970 00:00:00 GMT', want: 0 },
    { name: 'nonsense', given: 'soon', want: undefined },
    { name: 'a negative number', given: '-5', want: undefined },
    { name: 'nothing', given: undefined, want: undefined },
  ])('Retry-After: $name', ({ given, want }) => expect(retryAfterMs(given, 1000)).toBe(want));
});

describe('secrets', () => {
  test('are blanked as they are, escaped, and in base64; signed queries and user names in URLs, too', () => {
    const secrets = createSecrets();
    secrets.add('p@ss word');
    secrets.add('abc');
    const text = `p@ss word p%40ss%20word ${Buffer.from('p@ss word').toString('base64')} abc`;
    expect(secrets.redact(text)).toBe('*** *** *** abc');
    expect(secrets.redact('GET https://s3.example/x?X-Amz-Signature=abc&y=1 and https://u:p@host/')).toBe(
      'GET https://s3.example/x?*** and https://***@host/',
    );
  });
});

describe('programs', () => {
  test('give status, output and lines', async () => {
    const lines: string[] = [];
    const onLine = (line: string, stream: string): void => void lines.push(`${stream} ${line}`);
    const result = await systemExec.run('sh', ['-c', 'echo a; printf "b\\nc"; echo d >&2; exit 3'], { onLine });
    expect(result).toMatchObject({ status: 3, stderr: 'd\n' });
    expect(Buffer.from(result.stdout).toString()).toBe('a\nb\nc');
    expect(lines.sort()).toEqual(['stderr d', 'stdout a', 'stdout b', 'stdout c']);
  });

  test('that are missing are named with what to do', async () => {
    await expect(systemExec.run('no-such-program-here', [])).rejects.toMatchObject({
      code: 'host.program',
      message: 'no-such-program-here is not installed',
    });
  });

  test('are bounded in output', async () => {
    await expect(systemExec.run('sh', ['-c', 'echo 12345678'], { maxOutputBytes: 4 })).rejects.toMatchObject({
      code: 'host.too-large',
    });
  });

  test('end with their whole group when the signal fires, and the reason is kept', async () => {
    const stopping = new AbortController();
    const reason = new Error('enough');
    const onLine = (): void => stopping.abort(reason);
    const script = 'sleep 300 & echo $! > pid; echo ready; wait';
    await expect(systemExec.run('sh', ['-c', script], { cwd: folder, onLine }, stopping)).rejects.toBe(reason);
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
    const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'gone Z');
    expect(state).toMatch(/ Z/);
  });
});

describe('files', () => {
  test('are replaced whole, with nothing left beside them', async () => {
    const path = join(folder, 'deep', 'file');
    await systemFiles.replace(path, 'one');
    await systemFiles.replace(path, 'two');
    expect(await systemFiles.readText(path, 10)).toBe('two');
    expect(await readdir(join(folder, 'deep'))).toEqual(['file']);
  });

  test('are read within a bound', async () => {
    await writeFile(join(folder, 'big'), 'x'.repeat(100));
    await expect(systemFiles.readText(join(folder, 'big'), 99)).rejects.toMatchObject({ code: 'host.too-large' });
    await expect(systemFiles.readText(join(folder, 'none'), 99)).rejects.toMatchObject({ code: 'host.file' });
  });

  test.for(['../x', 'a/../../x', '/etc/passwd', '..'])('the path %j leads out and is refused', (path) => {
    expect(() => insidePath(folder, path)).toThrow(/leads out of/);
  });

  test('a lock keeps another out until it is let go', async () => {
    const path = join(folder, 'lock');
    await using first = await lockFile(path, 0);
    await expect(lockFile(path, 30)).rejects.toMatchObject({ code: 'host.locked' });
    await first[Symbol.asyncDispose]();
    await using again = await lockFile(path, 0);
    expect(again.path).toBe(path);
  });

  test('a lock of a process that has ended is taken over', async () => {
    const path = join(folder, 'stale');
    const child = spawn('true');
    await new Promise((resolve) => child.once('exit', resolve));
    const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
    await writeFile(path, JSON.stringify({ pid: child.pid, boot }));
    await using taken = await lockFile(path, 5000);
    expect(JSON.parse(await readFile(taken.path, 'utf8'))).toMatchObject({ pid: process.pid });
  });
});
