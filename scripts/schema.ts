// Writes schema/fanfold.schema.json from the one schema; with --check tells whether the file is as it would be written.

import { familyJsonSchema } from '../src/source/project/schema.ts';
import { writeOrCheck } from './generated.ts';

const text = `${JSON.stringify(familyJsonSchema(), undefined, 2)}\n`;
await writeOrCheck([{ path: 'schema/fanfold.schema.json', text }]);
