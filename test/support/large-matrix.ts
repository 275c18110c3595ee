// A matrix file of many entries in the shape of a real one: backends times accelerators, some of them for two platforms in two entries.

const accelerators = ['cpu', 'cuda-12', 'cuda-13', 'hipblas', 'intel', 'vulkan', 'l4t'];
const stems = ['llama', 'whisper', 'vllm', 'vllm-omni', 'kokoro', 'piper', 'diffusers', 'rerankers'];

/** The text of a matrix with this many entries, `pairs` of them being the second platform of another. */
export function largeMatrix({ legs, pairs }: { readonly legs: number; readonly pairs: number }): string {
  const entries: string[] = [];
  for (let place = 0; place < legs - pairs; place++) {
    const accelerator = accelerators[place % accelerators.length] ?? 'cpu';
    const round = Math.floor(place / accelerators.length);
    const backend = `${stems[round % stems.length]}${round < stems.length ? '' : `-${Math.floor(round / stems.length)}`}`;
    const isArm = accelerator === 'l4t' && place >= pairs;
    const comment = place % 40 === 0 ? `  # ${backend} on ${accelerator}\n` : '';
    entries.push(`${comment}${entryText(backend, accelerator, isArm ? 'arm64' : 'amd64')}`);
    if (place < pairs) entries.push(entryText(backend, accelerator, 'arm64'));
  }
  return `---\n# Backends and how each is built.\ninclude:\n${entries.join('')}`;
}

function entryText(backend: string, accelerator: string, architecture: 'amd64' | 'arm64'): string {
  const cuda = /^cuda-(\d+)$/.exec(accelerator)?.[1] ?? '';
  const isVllm = backend.startsWith('vllm');
  return `  - build-type: '${cuda === '' ? accelerator.replace('cpu', '') : 'cublas'}'
    cuda-major-version: "${cuda}"
    cuda-minor-version: "${cuda === '12' ? 8 : cuda === '' ? '' : 0}"
    platforms: 'linux/${architecture}'
    platform-tag: '${architecture}'
    tag-latest: 'auto'
    tag-suffix: '-${accelerator}-${backend}'
    runs-on: '${architecture === 'arm64' ? 'ubuntu-24.04-arm' : 'ubuntu-latest'}'
    base-image: "${accelerator === 'hipblas' ? 'rocm/dev-ubuntu-24.04:7.2.1' : 'ubuntu:24.04'}"
${accelerator === 'vulkan' ? `    builder-base-image: 'ci-cache:vulkan-${architecture}'\n` : ''}    skip-drivers: '${isVllm}'
    backend: "${backend}"
    dockerfile: "./backend/Dockerfile.${isVllm ? 'python' : 'golang'}"
    context: "./"
    ubuntu-version: '2404'
`;
}
