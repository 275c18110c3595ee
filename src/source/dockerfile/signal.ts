/** STOPSIGNAL's signals, as the engine knows them for Linux (signal(7)). */

const names = new Set(
  (
    'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT RTMAX RTMIN SEGV STKFLT STOP SYS ' +
    'TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ'
  ).split(' '),
);

/** Whether a text is a signal: a number, or a name with or without SIG. */
export function isSignal(text: string): boolean {
  if (/^[+-]?\d+$/.test(text)) return Number(text) !== 0;
  const name = text.toUpperCase().replace(/^SIG/, '');
  const [, realtime, distance] = /^(RTMIN\+|RTMAX-)(\d{1,2})$/.exec(name) ?? [];
  if (realtime === undefined) return names.has(name);
  return Number(distance) >= 1 && Number(distance) <= (realtime === 'RTMIN+' ? 15 : 14);
}
