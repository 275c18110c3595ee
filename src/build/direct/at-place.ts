/** Errors of a builder with the line of the Dockerfile that they come from. */
import { FanfoldError, isFanfoldError } from '../../base/errors/error.ts';

/** Does the work; an error that does not say where gets the file and the line. */
export async function atPlace<T>(file: string, line: number, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isFanfoldError(error) || error.place.file !== undefined) throw error;
    throw new FanfoldError(error.code, error.message, {
      place: { ...error.place, file, line },
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
}
