import { describe, test } from 'vitest';
import { badFormat, formatDate, isZone, nearestZone } from './date-format.ts';

const at = Date.UTC(2024, 11, 30, 23, 5, 9, 7); // Monday: ISO week 1 of 2025

describe('letters', () => {
  test.for([
    { name: 'years', format: 'YY Y YYYY YYYYY YYYYYY', want: '24 2024 2024 02024 +002024' },
    { name: 'months', format: 'M Mo MM MMM MMMM', want: '12 12th 12 Dec December' },
    { name: 'quarters', format: 'Q Qo', want: '4 4th' },
    { name: 'days of the month', format: 'D Do DD', want: '30 30th 30' },
    { name: 'days of the year', format: 'DDD DDDo DDDD', want: '365 365th 365' },
    { name: 'days of the week', format: 'd do dd ddd dddd e E', want: '1 1st Mo Mon Monday 1 1' },
    { name: 'weeks of the locale', format: 'w wo ww gg gggg', want: '1 1st 01 25 2025' },
    { name: 'weeks of ISO 8601', format: 'W Wo WW GG GGGG', want: '1 1st 01 25 2025' },
    { name: 'hours', format: 'H HH h hh k kk a A', want: '23 23 11 11 23 23 pm PM' },
    { name: 'minutes, seconds and their parts', format: 'm mm s ss S SS SSS SSSS', want: '5 05 9 09 0 00 007 0070' },
    { name: 'offsets', format: 'Z ZZ', want: '+00:00 +0000' },
    { name: 'seconds and milliseconds since 1970', format: 'X x', want: '1735599909 1735599909007' },
    {
      name: 'the locale’s own',
      format: 'L | LL | LT | LTS',
      want: '12/30/2024 | December 30, 2024 | 11:05 PM | 11:05:09 PM',
    },
    { name: 'short ones', format: 'l | ll', want: '12/30/2024 | Dec 30, 2024' },
    { name: 'long ones', format: 'LLLL', want: 'Monday, December 30, 2024 11:05 PM' },
    { name: 'text in brackets', format: '[year] YYYY[!]', want: 'year 2024!' },
    { name: 'text after a backslash', format: '\\Y\\M', want: 'YM' },
    { name: 'all other characters', format: '-_. ü', want: '-_. ü' },
  ])('$name', ({ format, want }, { expect }) => expect(formatDate(at, format, 'UTC')).toBe(want));
});

describe('zones', () => {
  test.for([
    { name: 'the day has begun in Tokyo', zone: 'Asia/Tokyo', want: '2024-12-31 08:05 +09:00' },
    { name: 'half an hour', zone: 'Asia/Kolkata', want: '2024-12-31 04:35 +05:30' },
    { name: 'west', zone: 'America/New_York', want: '2024-12-30 18:05 -05:00' },
    { name: 'summer time in the south', zone: 'Australia/Lord_Howe', want: '2024-12-31 10:05 +11:00' },
  ])('$name', ({ zone, want }, { expect }) => expect(formatDate(at, 'YYYY-MM-DD HH:mm Z', zone)).toBe(want));

  test('the hour that is left out in spring', ({ expect }) => {
    const show = (timeMs: number): string => formatDate(timeMs, 'HH:mm:ss ZZ', 'Europe/Berlin');
    expect(show(Date.UTC(2026, 2, 29, 0, 59, 59))).toBe('01:59:59 +0100');
    expect(show(Date.UTC(2026, 2, 29, 1, 0, 0))).toBe('03:00:00 +0200');
  });

  test('a zone is one of the IANA database', ({ expect }) => {
    expect([isZone('Europe/Berlin'), isZone('UTC'), isZone('Mars/Olympus'), isZone('+01:00')]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(nearestZone('Asia/Tokio')).toBe('Asia/Tokyo');
  });
});

describe('around the turn of a year', () => {
  test.for([
    { name: 'a Sunday that ISO counts to the year before', day: [2023, 0, 1], want: '2022-W52 2023-01' },
    { name: 'a Thursday that makes it the first week', day: [2026, 0, 1], want: '2026-W01 2026-01' },
    { name: 'a year of 53 weeks', day: [2020, 11, 31], want: '2020-W53 2021-01' },
  ])('$name', ({ day: [year = 0, month = 0, day = 1], want }, { expect }) => {
    expect(formatDate(Date.UTC(year, month, day), 'GGGG-[W]WW gggg-ww', 'UTC')).toBe(want);
  });
});

test('eras and zones by name are refused, unless they are text', ({ expect }) => {
  expect(badFormat('YYYY N')).toContain('letter N');
  expect(badFormat('YYYY [N z]')).toBeUndefined();
});
