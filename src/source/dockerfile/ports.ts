/** EXPOSE's ports: ranges to single ports, each with its protocol, as an image's config has them. */
import { FanfoldError } from '../../base/errors/error.ts';

/**
 * `80`, `53/udp`, `8000-8002` to `80/tcp`, `53/udp`, `8000/tcp`, `8001/tcp`, `8002/tcp`. A host part before a colon is left out.
 * @throws FanfoldError `dockerfile.syntax`
 */
export function expandPorts(written: string): readonly string[] {
  const container = written.split(':').at(-1) ?? '';
  const [, first, last, protocol = 'tcp'] = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(\w*))?$/.exec(container) ?? [];
  const start = Number(first);
  const end = last === undefined ? start : Number(last);
  const named = (protocol || 'tcp').toLowerCase();
  if (first === undefined || end > 65_535 || end < start || !['tcp', 'udp', 'sctp'].includes(named)) {
    throw new FanfoldError('dockerfile.syntax', `${JSON.stringify(written)} is no port`, {
      hint: 'write 80, 80/udp or 8000-8010',
    });
  }
  return Array.from({ length: end - start + 1 }, (_, index) => `${start + index}/${named}`);
}
