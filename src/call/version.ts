/** Fanfold's version, from package.json by the bundler. */

declare const FANFOLD_VERSION: string | undefined;

/** As in package.json; `0.0.0-source` where the sources run without the bundler. */
export const version: string = typeof FANFOLD_VERSION === 'string' ? FANFOLD_VERSION : '0.0.0-source';
