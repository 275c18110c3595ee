/** A file beside fanfold.yaml that targets are read from: its tree, with places that are told from those of all other files. */
import type { Place } from '../../base/errors/error.ts';
import { moved } from './nodes.ts';
import { placeAt } from './source.ts';
import type { YamlNode, YamlSource } from './yaml.ts';

/** One such file. */
export interface SourceFile {
  /** As fanfold.yaml names it. */
  readonly name: string;
  readonly root: YamlNode | undefined;
  /** The place of an offset in this file's tree, and in fanfold.yaml's. */
  readonly place: (at: number) => Place;
}

/** fanfold.yaml's source and others behind it: an offset beyond the end of one lies in the next. */
export interface SourceSet {
  readonly source: YamlSource;
  /** Where the next file begins. */
  end(): number;
  /** Adds a file whose tree has its places from `end` on. */
  add(other: YamlSource, name: string): SourceFile;
  /** Adds what was made of a file and has no places of its own: all of it lies at `at`. */
  addMade(other: YamlSource, name: string, at: number): SourceFile;
  /** Where an offset lies: in which file, and where in it. */
  locate(at: number): { readonly source: YamlSource; readonly offset: number };
}

/** A set that begins with fanfold.yaml. */
export function createSourceSet(main: YamlSource): SourceSet {
  const parts: { readonly base: number; readonly source: YamlSource }[] = [{ base: 0, source: main }];
  const locate = (at: number): { readonly source: YamlSource; readonly offset: number } => {
    const part = parts.findLast(({ base }) => base <= at) ?? { base: 0, source: main };
    return { source: part.source, offset: at - part.base };
  };
  const source: YamlSource = {
    ...main,
    position: (at) => {
      const { source: part, offset } = locate(at);
      return part === main ? main.position(offset) : { ...part.position(offset), file: part.file };
    },
  };
  const place = (at: number): Place => placeAt(source, at);
  const end = (): number => {
    const last = parts.at(-1);
    return (last?.base ?? 0) + (last?.source.text.length ?? 0) + 1;
  };
  return {
    source,
    locate,
    end,
    add: (other, name) => {
      parts.push({ base: end(), source: other });
      return { name, place, root: other.root };
    },
    addMade: (other, name, at) => ({ name, place, root: other.root && moved(other.root, () => at) }),
  };
}
