/** Whose record in staging says what took a tag: a target's own, or that of its set. */
import { formatLocation, type Location } from '../content/oci/reference.ts';
import type { TagSet, Target } from '../source/project/model.ts';
import type { RecordOwner } from '../source/project/names.ts';

/** Whose record says what took the tags, and where it is. */
export interface TagOwner extends RecordOwner {
  readonly staging: Location;
}

/** The owner of the record of a target that is in no set. */
export function ownerOf({ name, staging, destinations }: Target): TagOwner {
  const [first] = destinations;
  return { kind: 'target', name, image: first === undefined ? '' : formatLocation(first.location), staging };
}

/** The owner of the record of a set's tags. */
export function setOwner({ name, image, staging }: TagSet): TagOwner {
  return { kind: 'set', name, image, staging };
}
