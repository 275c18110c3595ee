/** Sizes of disks as people write and read them: `30GB`. */

/** A number with a unit: powers of ten (GB, as runners are described), or of two (GiB). */
const diskSizeForm = /^([1-9]\d{0,5}(?:\.\d{1,3})?) ?([MGT])(i?)B$/;

/** The same, or a text that a matrix makes one of. */
export const writtenDiskSize = new RegExp(`${diskSizeForm.source}|\\$\\{`);

const powers: Readonly<Record<string, number>> = { M: 2, G: 3, T: 4 };

/** Bytes of a size that has the form; undefined where it has not. */
export function diskSizeBytes(text: string): number | undefined {
  const [, number, unit = '', binary] = diskSizeForm.exec(text) ?? [];
  if (number === undefined) return undefined;
  return Math.round(Number(number) * (binary === 'i' ? 1024 : 1000) ** (powers[unit] ?? 0));
}

/** `30 GB`, `3.4 GB`, `12 MB`: powers of ten. */
export function formatDiskSize(sizeBytes: number): string {
  const [unit, power] = sizeBytes >= 1e12 ? ['TB', 1e12] : sizeBytes >= 999.5e6 ? ['GB', 1e9] : ['MB', 1e6];
  const value = sizeBytes / power;
  return `${value >= 99.95 || unit === 'MB' ? Math.round(value) : Number(value.toFixed(1))} ${unit}`;
}
