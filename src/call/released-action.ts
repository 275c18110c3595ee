/** Fanfold's own action at the commit that this command was released from, from the bundler. */

declare const FANFOLD_ACTION: string | undefined;

/** `OWNER/NAME@COMMIT # VERSION`; undefined where the command was not bundled by a release. */
export const releasedAction: string | undefined =
  typeof FANFOLD_ACTION === 'string' && FANFOLD_ACTION !== '' ? FANFOLD_ACTION : undefined;
