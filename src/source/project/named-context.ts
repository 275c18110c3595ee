/** Named contexts as they are written (Bake's `contexts`) to what they are. */
import type { NamedContext } from './model.ts';
import { plainPath } from './paths.ts';

/** What `text` names; a message where it is nothing that can be one. */
export function parseNamedContext(text: string): NamedContext | string {
  const scheme = /^([a-z-]+):/.exec(text)?.[1];
  const rest = text.replace(/^[a-z-]+:(?:\/\/)?/, '');
  if (scheme === 'target') return rest === '' ? 'target: names no target' : { kind: 'target', target: rest };
  if (scheme === 'docker-image')
    return rest === '' ? 'docker-image:// names no image' : { kind: 'image', reference: rest };
  if (scheme === 'oci-layout')
    return rest === '' ? 'oci-layout:// names no folder' : { kind: 'layout', reference: rest };
  if (isGit(text)) return { kind: 'git', url: text };
  if (scheme !== undefined) return `${JSON.stringify(text)} is no context that can be keyed`;
  const path = plainPath(text);
  return path === undefined
    ? `${JSON.stringify(text)} leads out of the folder of fanfold.yaml`
    : { kind: 'folder', path };
}

/** As BuildKit tells a Git repository from other URLs. */
function isGit(text: string): boolean {
  return /^(?:git|ssh):\/\/|^git@|^(?:https?:\/\/)?github\.com\/|^https?:\/\/[^#?]+\.git(?:[#?].*)?$/.test(text);
}
