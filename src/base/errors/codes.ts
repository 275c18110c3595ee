/** Every stable error code and its sentence; the reference page of errors is made of this table. */

/** Codes by area. `usage` and `config` end a command with status 2, all others with 1. */
export const errorCodes = {
  'usage.invalid': 'The command was called in a way that it does not take.',

  'build.builder': 'No builder on this machine can build the leg, or the one that is asked for does not answer.',
  'build.copy': 'COPY, ADD or WORKDIR cannot do what it says.',
  'build.failed': 'A builder could not build a leg.',
  'build.instruction': "A Dockerfile's instruction has a value that it does not take.",
  'build.needs-run': 'The Dockerfile runs a program, which the direct builder does not.',
  'build.result': 'A builder left no image, or more than one.',
  'build.unsupported': 'The Dockerfile asks for what the direct builder does not do.',

  'config.collision': 'Two things of the family would have the same name.',
  'config.cycle': 'Targets build on or inherit from one another in a circle.',
  'config.invalid': 'The configuration has mistakes.',
  'config.missing': 'A field that must be given is not there.',
  'config.not-found': 'No fanfold.yaml was found.',
  'config.reference': 'A name refers to a target, a variable or an argument that there is not.',
  'config.tag-name': 'A tag rule makes what no registry takes as a tag.',
  'config.tag-rule': 'A tag rule or flavor is malformed.',
  'config.unknown': 'A field is not one that can stand there.',
  'config.yaml': 'The configuration file cannot be read as YAML.',

  'host.cancelled': 'The work was stopped from outside.',
  'host.file': 'A file could not be read or written.',
  'host.locked': 'Another process holds the lock.',
  'host.network': 'A host could not be reached, or the connection broke.',
  'host.outside': 'A path leads out of the folder that it must stay in.',
  'host.program': 'A program that is needed is missing or failed.',
  'host.too-large': 'What was read is larger than the bound for it.',

  'content.digest': 'The bytes do not have the digest that they were announced with.',
  'content.invalid': 'Content does not have the form that its specification demands.',
  'content.lagging': 'A store that is not required kept the others waiting too long.',
  'content.missing': 'Content that something refers to is not there.',
  'content.platform': 'A platform is not one that can be understood.',
  'content.reference': 'A reference to an image is malformed.',
  'content.size': 'The bytes are more or fewer than announced.',
  'content.too-deep': 'Content is nested deeper than the bound for it.',

  'endpoint.platform': 'A builder pushed another platform than that of its leg, or several.',

  'dockerfile.expansion': 'Variables in a Dockerfile cannot be expanded.',
  'dockerfile.ignore': 'A .dockerignore or --exclude pattern is malformed.',
  'dockerfile.source': 'A Dockerfile copies what is not in its context.',
  'dockerfile.stage': 'A Dockerfile names a stage that is not there or cannot be used there.',
  'dockerfile.syntax': 'A Dockerfile has a mistake.',

  'git.changed': 'A file changed while it was read.',
  'git.failed': 'Git could not do what it was asked.',
  'git.lfs': 'The content of a Git LFS pointer cannot be had.',
  'git.object': "An object is missing from Git's store.",
  'git.path': 'A path cannot be held in an image or a key.',
  'git.revision': 'A revision names no commit.',
  'git.shallow': 'The clone has too little history.',
  'git.unsafe': 'Git does not trust the folder: it belongs to another user.',

  'inputs.base': 'A base image cannot be resolved as the policy demands.',
  'inputs.cycle': 'Targets are made of each other in a circle.',
  'inputs.depends': 'A target that this one builds on has no key.',
  'inputs.encoding': 'A text that decides what is built is not UTF-8.',
  'inputs.generated': 'A command did not bring the files that it is to bring.',
  'inputs.missing': 'A file that a leg is made of is not there.',
  'inputs.outside': 'A path leads out of the folder that it must stay in.',
  'inputs.repository': 'The family is in no Git repository, or in one without a commit.',
  'inputs.submodule': 'A submodule that a leg is made of is not checked out.',
  'inputs.unpinned': 'A base image is named without a digest, where the policy demands one.',
  'inputs.untracked': 'A leg takes a file that is not committed.',

  'ledger.invalid': 'What a tag of Fanfold names in staging is not the record that it is to be.',

  'plan.limit': 'A plan cannot be kept within what a CI service allows.',
  'plan.shallow': 'The clone has too little history to tell what changed.',

  'publish.incomplete': 'Content or legs that a publication needs are missing.',
  'publish.untested': 'Tests of a target have not passed.',
  'publish.failed': 'A destination that is required could not be brought up to date.',

  'run.cycle': 'Targets build on each other in a circle.',
  'run.dirty': 'Files that are not committed would enter a shared staging.',
  'run.disk': "A leg needs more of its runner's disk than can be made free.",
  'run.failed': 'At least one target failed.',
  'run.test': 'A test of a leg did not pass.',
  'run.depends': 'A target that this one builds on failed.',

  'verify.failed': 'What stands in the destinations is not as it should be.',

  'registry.credentials': 'Credentials for a registry could not be read.',
  'registry.denied': 'A registry refused access.',
  'registry.invalid': 'A registry refused a request, or answered in a way that cannot be understood.',
  'registry.not-found': 'A registry does not have what was asked for.',
  'registry.rate-limited': 'A registry takes no more requests for now.',
  'registry.unavailable': 'A registry is not able to answer for now.',
} as const satisfies Record<string, string>;

/** A stable error code. */
export type ErrorCode = keyof typeof errorCodes;
