import { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { takeOver } from './connection.ts';

describe('a connection is left to HTTP', () => {
  test.for<[string, unknown]>([
    ['that has no handle', null],
    ['whose handle is no object', 7],
    ['whose handle reads into no given buffer', { readStart: () => 0 }],
  ])('%s', ([, handle]) => {
    const accepted = Object.assign(new Socket(), { _handle: handle as object | null });
    expect(takeOver(accepted)).toBeUndefined();
    expect(accepted._handle).toBe(handle);
    accepted._handle = null;
    accepted.destroy();
  });
});
