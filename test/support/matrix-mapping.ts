// How a matrix of many entries is read in place: the mapping that such a project would write.

/** The text of a fanfold.yaml that reads these matrices; `more` are lines of `each`, beside the rest. */
export function matrixMapping(matrices: string | readonly string[], more = ''): string {
  return `destinations: [quay.io/acme, docker.io/acme]
tags: |
  type=ref,event=branch
  type=semver,pattern={{raw}}
  type=sha
sources:
${[matrices]
  .flat()
  .map((matrix) => sourceOf(matrix, more))
  .join('')}`;
}

function sourceOf(matrix: string, more: string): string {
  return `  - matrix: ${matrix}
    list: include
    each:
      name: "backend{tag-suffix}"
      image: backends
      suffix: "{tag-suffix}"
      latest: "{tag-latest}"
      platforms: "{platforms}"
      dockerfile: "{dockerfile}"
      context: "{context}"
      runner: "{runs-on}"
${more.replace(/^(?=.)/gm, '      ')}      args:
        BUILD_TYPE: "{build-type}"
        CUDA_MAJOR_VERSION: "{cuda-major-version}"
        CUDA_MINOR_VERSION: "{cuda-minor-version}"
        BASE_IMAGE: "{base-image}"
        BUILDER_BASE_IMAGE: "{builder-base-image?}"
        BACKEND: "{backend}"
        UBUNTU_VERSION: "{ubuntu-version}"
        SKIP_DRIVERS: "{skip-drivers}"
`;
}
