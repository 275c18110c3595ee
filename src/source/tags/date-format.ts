/** Dates in moment's format letters (its "Display, Format" page), English, in any time zone of the IANA database. */
import { nearestName } from '../../base/errors/nearest.ts';

/** A moment in a zone, as a clock on its wall shows it. */
interface WallTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** 1 to 366. */
  readonly dayOfYear: number;
  readonly offsetMinutes: number;
  readonly epochMs: number;
}

const dayMs = 86_400_000;
const months = 'January February March April May June July August September October November December'.split(' ');
const weekdays = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

const letters =
  /\[[^[\]]*\]|\\.|LTS|LT|L{1,4}|l{1,4}|Mo|M{1,4}|DDDo|Do|D{1,4}|do|d{1,4}|e|E|w[ow]?|W[oW]?|Qo?|Y{4,6}|YY|Y|g{4,5}|gg|G{4,5}|GG|a|A|HH?|hh?|kk?|mm?|ss?|S{1,9}|ZZ?|x|X|./gsu;

const long: Readonly<Record<string, string>> = {
  LT: 'h:mm A',
  LTS: 'h:mm:ss A',
  L: 'MM/DD/YYYY',
  LL: 'MMMM D, YYYY',
  LLL: 'MMMM D, YYYY h:mm A',
  LLLL: 'dddd, MMMM D, YYYY h:mm A',
  l: 'M/D/YYYY',
  ll: 'MMM D, YYYY',
  lll: 'MMM D, YYYY h:mm A',
  llll: 'ddd, MMM D, YYYY h:mm A',
};

const values: Readonly<Record<string, (time: WallTime) => string | number>> = {
  M: (time) => time.month,
  Mo: (time) => ordinal(time.month),
  MM: (time) => pad(time.month, 2),
  MMM: (time) => (months[time.month - 1] ?? '').slice(0, 3),
  MMMM: (time) => months[time.month - 1] ?? '',
  Q: quarter,
  Qo: (time) => ordinal(quarter(time)),
  D: (time) => time.day,
  Do: (time) => ordinal(time.day),
  DD: (time) => pad(time.day, 2),
  DDD: (time) => time.dayOfYear,
  DDDo: (time) => ordinal(time.dayOfYear),
  DDDD: (time) => pad(time.dayOfYear, 3),
  d: (time) => time.weekday,
  do: (time) => ordinal(time.weekday),
  dd: (time) => (weekdays[time.weekday] ?? '').slice(0, 2),
  ddd: (time) => (weekdays[time.weekday] ?? '').slice(0, 3),
  dddd: (time) => weekdays[time.weekday] ?? '',
  e: (time) => time.weekday,
  E: (time) => time.weekday || 7,
  w: (time) => localWeek(time).week,
  wo: (time) => ordinal(localWeek(time).week),
  ww: (time) => pad(localWeek(time).week, 2),
  W: (time) => isoWeek(time).week,
  Wo: (time) => ordinal(isoWeek(time).week),
  WW: (time) => pad(isoWeek(time).week, 2),
  YY: (time) => pad(time.year % 100, 2),
  Y: (time) => (time.year > 9999 ? `+${time.year}` : pad(time.year, 4)),
  YYYY: (time) => pad(time.year, 4),
  YYYYY: (time) => pad(time.year, 5),
  YYYYYY: (time) => `+${pad(time.year, 6)}`,
  gg: (time) => pad(localWeek(time).year % 100, 2),
  gggg: (time) => pad(localWeek(time).year, 4),
  ggggg: (time) => pad(localWeek(time).year, 5),
  GG: (time) => pad(isoWeek(time).year % 100, 2),
  GGGG: (time) => pad(isoWeek(time).year, 4),
  GGGGG: (time) => pad(isoWeek(time).year, 5),
  A: (time) => (time.hour < 12 ? 'AM' : 'PM'),
  a: (time) => (time.hour < 12 ? 'am' : 'pm'),
  H: (time) => time.hour,
  HH: (time) => pad(time.hour, 2),
  h: (time) => time.hour % 12 || 12,
  hh: (time) => pad(time.hour % 12 || 12, 2),
  k: (time) => time.hour || 24,
  kk: (time) => pad(time.hour || 24, 2),
  m: (time) => time.minute,
  mm: (time) => pad(time.minute, 2),
  s: (time) => time.second,
  ss: (time) => pad(time.second, 2),
  Z: (time) => offset(time, ':'),
  ZZ: (time) => offset(time, ''),
  X: (time) => Math.floor(time.epochMs / 1000),
  x: (time) => time.epochMs,
};

/** `epochMs` (milliseconds since 1970) in `zone` as `format` says. */
export function formatDate(epochMs: number, format: string, zone: string): string {
  return formatTime(wallTime(epochMs, zone), format);
}

/** Why `format` cannot be followed, or undefined: eras and zones' short names differ from one machine's data to the next. */
export function badFormat(format: string): string | undefined {
  const odd = format.match(letters)?.find((letter) => /^[Nyz]$/.test(letter));
  return odd === undefined ? undefined : `the letter ${odd} (eras, zones by name) is not taken; put text in [brackets]`;
}

/** Whether this is a time zone of the IANA database. */
export function isZone(zone: string): boolean {
  try {
    return /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat('en-US', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

/** The zone that was probably meant. */
export function nearestZone(zone: string): string | undefined {
  return nearestName(zone.slice(0, 64), Intl.supportedValuesOf('timeZone'));
}

function formatTime(time: WallTime, format: string): string {
  return format.replace(letters, (letter) => {
    if (letter.startsWith('[') && letter.length > 1) return letter.slice(1, -1);
    if (letter.startsWith('\\')) return letter.slice(1);
    const longer = own(long, letter);
    if (longer !== undefined) return formatTime(time, longer);
    if (/^S+$/.test(letter)) return pad(time.millisecond, 3).padEnd(9, '0').slice(0, letter.length);
    return String(own(values, letter)?.(time) ?? letter);
  });
}

function wallTime(epochMs: number, zone: string): WallTime {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(epochMs);
  const part = (type: Intl.DateTimeFormatPartTypes): number =>
    Number(parts.find((candidate) => candidate.type === type)?.value ?? 0);
  const [year, month, day] = [part('year'), part('month'), part('day')];
  const [hour, minute, second] = [part('hour'), part('minute'), part('second')];
  const millisecond = ((epochMs % 1000) + 1000) % 1000;
  const date = Date.UTC(year, month - 1, day);
  return {
    ...{ year, month, day, hour, minute, second, millisecond, epochMs },
    weekday: new Date(date).getUTCDay(),
    dayOfYear: (date - Date.UTC(year, 0, 1)) / dayMs + 1,
    offsetMinutes: Math.round((Date.UTC(year, month - 1, day, hour, minute, second, millisecond) - epochMs) / 60_000),
  };
}

/** ISO 8601: weeks begin on Monday; the first one has the year's first Thursday. */
function isoWeek(time: WallTime): { year: number; week: number } {
  return weekOf(time, 1, 4);
}

/** As in the United States: weeks begin on Sunday; the first one has 1 January. */
function localWeek(time: WallTime): { year: number; week: number } {
  return weekOf(time, 0, 1);
}

/** A week belongs to the year in which `firstDay` (the day of January that week 1 must hold) falls for it. */
function weekOf(time: WallTime, startsOn: number, firstDay: number): { year: number; week: number } {
  const start = (year: number): number => {
    const holder = Date.UTC(year, 0, firstDay);
    return holder - ((new Date(holder).getUTCDay() - startsOn + 7) % 7) * dayMs;
  };
  const date = Date.UTC(time.year, time.month - 1, time.day);
  const year = date < start(time.year) ? time.year - 1 : date >= start(time.year + 1) ? time.year + 1 : time.year;
  return { year, week: Math.floor((date - start(year)) / (7 * dayMs)) + 1 };
}

function quarter(time: WallTime): number {
  return Math.ceil(time.month / 3);
}

function offset(time: WallTime, between: string): string {
  const minutes = Math.abs(time.offsetMinutes);
  const sign = time.offsetMinutes < 0 ? '-' : '+';
  return `${sign}${pad(Math.floor(minutes / 60), 2)}${between}${pad(minutes % 60, 2)}`;
}

function ordinal(number: number): string {
  const teen = Math.floor((number % 100) / 10) === 1;
  return `${number}${teen ? 'th' : (['th', 'st', 'nd', 'rd'][number % 10] ?? 'th')}`;
}

function pad(number: number, width: number): string {
  return String(number).padStart(width, '0');
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
