import { readFile } from 'node:fs/promises';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Its source maps name files that it does not bring; a warning for each of them is no use to anybody.
  plugins: [{ name: 'no-source-maps-of-actions', load: withoutSourceMap }],
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/support/bundle.setup.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    // GitHub's workflow parser imports JSON as no Node.js takes it.
    server: { deps: { inline: [/@actions\//] } },
  },
});

async function withoutSourceMap(id: string): Promise<string | undefined> {
  const [path = ''] = id.split('?');
  if (!/\/@actions\/.*\.js$/.test(path)) return undefined;
  return (await readFile(path, 'utf8')).replace(/^\/\/# sourceMappingURL=.*$/m, '');
}
