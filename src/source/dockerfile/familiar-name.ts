/** Names of images and contexts as Docker's clients shorten them. */

/** The name that named contexts and images are compared by: Docker Hub's own parts and `:latest` left out. */
export function familiarName(reference: string): string {
  if (!reference.includes('/') && !reference.includes(':')) return reference;
  return reference
    .replace(/^(?:index\.)?docker\.io\//, '')
    .replace(/^library\/(?=[^/]+$)/, '')
    .replace(/:latest$/, '');
}
