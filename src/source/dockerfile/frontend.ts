/** Which frontend a Dockerfile names. */

/** Whether it is the one that Docker maintains, or a mirror of it: the instructions then mean what they mean without it. */
export function isDockersFrontend(reference: string): boolean {
  return /^(?:[^/@]+\/)*docker\/dockerfile(?:-upstream)?(?:[:@]|$)/.test(reference);
}
