/** `fanfold verify`: read back what was published. */
import { FanfoldError } from '../../base/errors/error.ts';
import type { Cancel } from '../../base/host/cancel.ts';
import { type OpenAll, openAll } from '../../call/open.ts';
import { openProject } from '../../call/project.ts';
import { formatLocation, type Location, parseReference } from '../../content/oci/reference.ts';
import type { Expected, Finding, Verification } from '../../publish/verify.ts';
import { describeFindings } from '../../report/texts.ts';
import { defineCommand, option } from '../command.ts';
import { projectOptions } from '../options.ts';

interface Verified {
  readonly results: readonly { readonly expected: Expected; readonly verification: Verification }[];
}

export const command = defineCommand({
  name: 'verify',
  summary: 'Read back from every destination: equal digests, all platforms, every blob, every attestation',
  details:
    'Without references, every target of fanfold.yaml under every tag that its rules give now. With references, those: they must be the same image. ' +
    'Nothing is taken from a cache.',
  examples: [
    'fanfold verify',
    'fanfold verify ghcr.io/acme/api:1.4 docker.io/acme/api:1.4',
    'fanfold verify --deep --only api',
  ],
  arguments: [{ name: 'references', description: 'references that must be the same image', many: true }],
  options: {
    ...projectOptions,
    deep: option.boolean('read and hash every blob, instead of asking whether it is there'),
  },
  printsData: true,
  run: async (call): Promise<Verified> => {
    const { deep } = call.options;
    if (call.args.length > 0) return await verifyAll(expectedOf(call.args), await openAll(call.host), deep, call);
    const { family, tags, open } = await openProject(call);
    const { subjectRepository } = await import('../../content/oci/subject-name.ts');
    const expected = family.targets.flatMap((target): readonly Expected[] =>
      (tags.get(target.name) ?? []).map((tag) => ({
        tag,
        locations: target.destinations.map(({ location }) => location),
        platforms: target.platforms,
        subjects: target.destinations.map(({ location }) => subjectRepository(location)),
      })),
    );
    if (expected.length === 0)
      throw new FanfoldError('usage.invalid', 'no rule gives a tag for this ref', {
        hint: 'name one with --ref refs/heads/... or --ref refs/tags/...',
      });
    return await verifyAll(expected, open, deep, call);
  },
  text: ({ results }, style) => {
    const lines = results.flatMap(({ expected, verification }) => describeOne(expected, verification));
    return [...lines, ...describeFindings(findingsOf(results), style)].join('\n');
  },
  data: ({ results }) =>
    results.map(({ expected, verification }) => ({
      tag: expected.tag,
      digests: Object.fromEntries(
        [...verification.digests].map(([location, digest]) => [formatLocation(location), digest]),
      ),
      manifests: verification.manifests,
      blobs: verification.blobs,
      findings: verification.findings.map(({ location, ...finding }) => ({
        location: formatLocation(location),
        ...finding,
      })),
    })),
  status: ({ results }) => (findingsOf(results).length === 0 ? 0 : 1),
});

async function verifyAll(
  expected: readonly Expected[],
  open: OpenAll,
  deep: boolean,
  cancel: Cancel,
): Promise<Verified> {
  const { verifyTag } = await import('../../publish/verify.ts');
  const results = [];
  for (const one of expected)
    results.push({ expected: one, verification: await verifyTag(one, open, { deep }, cancel) });
  return { results };
}

/** References that must be one image: by tag each, all of one tag side by side. */
function expectedOf(texts: readonly string[]): readonly Expected[] {
  const byName = new Map<string, Location[]>();
  for (const reference of texts.map(parseReference)) {
    const name = reference.digest ?? reference.tag ?? 'latest';
    byName.set(name, [...(byName.get(name) ?? []), reference.location]);
  }
  return [...byName].map(([tag, locations]) => ({ tag, locations }));
}

function describeOne(expected: Expected, verification: Verification): readonly string[] {
  const { digests, manifests, blobs, findings } = verification;
  if (findings.length > 0) return [];
  const where = expected.locations.map(formatLocation).join(', ');
  return [
    `${[...digests.values()][0] ?? ''} ${expected.tag} in ${where}: ${manifests} manifests and ${blobs} blobs are there`,
  ];
}

function findingsOf(results: Verified['results']): readonly Finding[] {
  return results.flatMap(({ verification }) => verification.findings);
}
