/** Images that a job runs with rights over its machine, each by a version and the digest of its index: a tag that moves changes nothing here. */

/** BuildKit, for the builder that a job makes. Renovate keeps both lines fresh (`.github/renovate.json`). */
export const buildkitImage =
  'moby/buildkit:v0.33.1@sha256:cec9f139f45e93c5c69c60f8b07cfad9f43f4ef6b6a6cd917527fea5ff2e3dea';

/** QEMU's emulators, and the program that registers them with the kernel. */
export const binfmtImage =
  'tonistiigi/binfmt:qemu-v10.2.3@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0';

/** Whether a reference names its content: what runs is then what was chosen, whoever holds the tag. */
function isPinned(image: string): boolean {
  return /@sha256:[0-9a-f]{64}$/.test(image);
}

/** An image as a log names it. */
export function describeImage(image: string): string {
  return isPinned(image) ? image : `${image} (without a digest: whoever holds the tag decides what runs here)`;
}
