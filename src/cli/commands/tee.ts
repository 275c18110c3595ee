/** `fanfold tee`: one push, every registry, for any program that pushes. */
import { FanfoldError, messageOf } from '../../base/errors/error.ts';
import type { Committed, EndpointEvent } from '../../content/endpoint/events.ts';
import type { TeeOutcome } from '../../content/endpoint/tee.ts';
import { parseLocation } from '../../content/oci/reference.ts';
import { defineCommand, option } from '../command.ts';

export const command = defineCommand({
  name: 'tee',
  summary: 'Put one registry on loopback in front of many, for any program that pushes',
  details: [
    'What is pushed to it goes to every --to at the same time, the same bytes to each; a tag moves when every destination holds what it names. ' +
      'The command finds where to push to in FANFOLD_REFERENCE (and the host alone in FANFOLD_HOST), and {reference} in its arguments is replaced by it; ' +
      "no shell takes part, and the exit status is the command's. Without a command it serves until it is stopped and commits each manifest as it comes.",
    "No byte is changed, unless --subjects asks for the subjects of attestations (provenance, SBOM) to name every destination instead of the endpoint: their digests change then, an image's never does.",
    'The endpoint speaks plain HTTP on 127.0.0.1. docker push and docker buildx take that as it is; others want a flag:',
    [
      '  skopeo copy    --dest-tls-verify=false',
      '  buildah push   --tls-verify=false',
      '  crane push     --insecure',
      '  oras push      --plain-http',
      '  oras cp        --to-plain-http',
      '  cosign         --allow-http-registry',
    ].join('\n'),
    'A builder that does not run on this machine (a remote BuildKit, a build in a virtual machine) cannot reach its loopback.',
  ].join('\n\n'),
  examples: [
    'fanfold tee --to ghcr.io/acme/api --to docker.io/acme/api -- docker buildx build --push -t {reference}:1.4 .',
    'fanfold tee --to ghcr.io/acme/api --to oci:out -- skopeo copy --dest-tls-verify=false oci:image docker://{reference}:1.4',
    'fanfold tee --to ghcr.io/acme/api --to quay.io/acme/api',
  ],
  takesRest: true,
  options: {
    to: option.strings('a repository, or oci:FOLDER, that takes all that is pushed', 'destination'),
    subjects: option.boolean("name every destination in attestations' subjects"),
  },
  printsData: true,
  run: async ({ options, rest, host, signal, output }): Promise<TeeOutcome> => {
    const [{ teeCommand, teeUntilStopped }, { openTee }] = await Promise.all([
      import('../../content/endpoint/tee.ts'),
      import('../../call/tee.ts'),
    ]);
    const [first, ...others] = options.to.map(parseLocation);
    if (first === undefined) throw noDestination();
    const tee = {
      ...(await openTee([first, ...others], host, { subjects: options.subjects })),
      on: (event: EndpointEvent) => output.note(describeEvent(event)),
    };
    const [program, ...args] = rest;
    if (program !== undefined) return await teeCommand(tee, [program, ...args], host, { signal });
    const onReady = (reference: string) => output.note(`push to ${reference}; stop with Ctrl-C`);
    return await teeUntilStopped({ ...tee, onReady }, host, { signal });
  },
  text: ({ committed }) => committed.map(describeCommitted).join('\n'),
  status: ({ status }) => status,
});

function describeEvent(event: EndpointEvent): string {
  switch (event.kind) {
    case 'committed':
      return `committed ${describeCommitted(event)}`;
    case 'notice':
      return `note: ${event.message}`;
    case 'failed':
      return `a destination failed: ${messageOf(event.error)}`;
    default:
      return event satisfies never;
  }
}

function describeCommitted({ tag, pushed, published }: Committed): string {
  const before = pushed.digest === published.digest ? '' : ` (pushed as ${pushed.digest})`;
  return `${tag ?? 'by digest'} ${published.digest}${before}`;
}

function noDestination(): FanfoldError {
  return new FanfoldError('usage.invalid', 'there is no destination', {
    hint: 'name at least one with --to, as in --to ghcr.io/acme/api',
  });
}
