import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { keyedLeg } from '../../test/support/keyed-leg.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { nodeHost } from '../base/host/host.ts';
import { hideSecrets } from './secrets.ts';

test.for([
  { name: 'a variable', secret: 'id=token,env=TOKEN', hidden: ['from-variable'] },
  {
    name: 'a file, whole and line by line',
    secret: 'id=token,src=secrets/file',
    hidden: ['first-line', 'second-line'],
  },
  { name: 'a file by its other name', secret: 'type=file,id=token,source=secrets/file', hidden: ['first-line'] },
  { name: 'an id alone that is a variable', secret: 'id=TOKEN', hidden: ['from-variable'] },
  { name: 'a source that is a variable', secret: 'type=env,id=token,src=TOKEN', hidden: ['from-variable'] },
  { name: 'quotes of CSV', secret: 'id=token,"src=secrets/file"', hidden: ['first-line'] },
  { name: 'nothing that is there', secret: 'id=absent,env=ABSENT', hidden: [] },
])('$name', async ({ secret, hidden }) => {
  using folder = temporaryFolder('secrets');
  const host = { ...nodeHost(), cwd: folder.path, env: { TOKEN: 'from-variable' } };
  await host.files.replace(join(folder.path, 'secrets', 'file'), 'first-line\n  second-line\n');
  await hideSecrets(keyedLeg({ target: { secret: [secret] } }), host);
  const said = host.secrets.redact('from-variable first-line second-line ordinary');
  for (const value of hidden) expect(said).not.toContain(value);
  expect(said).toContain('ordinary');
});

test('paths are relative to the folder of the configuration file', async () => {
  using folder = temporaryFolder('secrets');
  writeFileSync(join(folder.path, 'token'), 'beside-the-file');
  const host = { ...nodeHost(), cwd: '/' };
  const place = { file: join(folder.path, 'fanfold.yaml') };
  await hideSecrets(keyedLeg({ target: { secret: ['id=token,src=token'], place } }), host);
  expect(host.secrets.redact('beside-the-file')).toBe('***');
});
