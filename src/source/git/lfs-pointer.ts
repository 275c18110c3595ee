/** Pointers of Git LFS (specification v1, "The Pointer"). */

/** What a pointer says. */
export interface LfsPointer {
  /** SHA-256 of the content, hexadecimal. */
  readonly id: string;
  readonly sizeBytes: number;
  /** The pointer as Git holds it. */
  readonly text: string;
}

/** What a pointer's text says; undefined where it is none. */
export function parsePointer(text: string): LfsPointer | undefined {
  const form =
    /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize (\d{1,15})\n$/;
  const [, id, size] = form.exec(text) ?? [];
  return id === undefined ? undefined : { id, sizeBytes: Number(size), text };
}
