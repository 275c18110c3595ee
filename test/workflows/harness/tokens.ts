// The tokens of jobs: each has its job's rights and no more, and ends with it.

import { randomBytes } from 'node:crypto';
import type { Permissions } from './permissions.ts';

/** A token while its job runs, and after. */
export interface TokenRecord {
  readonly job: string;
  readonly permissions: Permissions;
  isLive: boolean;
}

/** All tokens that were given out. */
export interface Tokens {
  issue(permissions: Permissions, job: string): { readonly token: string } & Disposable;
  /** What a token may do now; undefined: nothing, for it is unknown or over. */
  rights(token: string): Permissions | undefined;
  readonly all: ReadonlyMap<string, TokenRecord>;
}

/** No tokens yet. */
export function makeTokens(): Tokens {
  const all = new Map<string, TokenRecord>();
  return {
    issue(permissions, job) {
      const token = `ghs_${randomBytes(18).toString('hex')}`;
      const record: TokenRecord = { job, permissions, isLive: true };
      all.set(token, record);
      return {
        token,
        [Symbol.dispose]: () => {
          record.isLive = false;
        },
      };
    },
    rights(token) {
      const record = all.get(token);
      return record?.isLive === true ? record.permissions : undefined;
    },
    all,
  };
}
