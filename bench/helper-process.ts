/** The benchmarks' own servers, each in a process of its own: what they cost is not counted with what is measured. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A running server, ended by `await using`. */
export interface HelperProcess extends AsyncDisposable {
  /** The words of the line that it printed when it was ready. */
  readonly words: readonly string[];
}

/** Starts a TypeScript file beside this one and waits for its first line. It ends when its standard input does, so also with this process. */
export async function startBeside(file: string, args: readonly string[]): Promise<HelperProcess> {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const line = await Promise.race([firstLine(child.stdout), ended.then(() => undefined)]);
  if (line === undefined) throw new Error(`${file} ended before it was ready`);
  return {
    words: line.split(' '),
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}

async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  while (!text.includes('\n')) {
    const [chunk] = (await once(stream, 'data')) as [Buffer];
    text += chunk;
  }
  return text.trim();
}
