/** Which frontend a Dockerfile names. */

/** Whether it is the one that Docker maintains: the instructions then mean what they mean without it. */
export function isDockersFrontend(reference: string): boolean {
  return /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@]|$)/.test(reference);
}
