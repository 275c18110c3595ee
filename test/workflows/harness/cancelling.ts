// What many jobs listen to at once.

import { setMaxListeners } from 'node:events';

/** A controller to whose signal any number may listen without a warning. */
export function heardByMany(): AbortController {
  const controller = new AbortController();
  setMaxListeners(0, controller.signal);
  return controller;
}
