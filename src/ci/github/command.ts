/** Workflow commands, as GitHub's runner reads them from a step's output (actions/toolkit, "Workflow commands"). */

/** What a command is told beside its message. */
export type Properties = Readonly<Record<string, string | number | undefined>>;

/** `::NAME key=value,key=value::MESSAGE`, on one line whatever stands in it. */
export function workflowCommand(name: string, properties: Properties, message: string): string {
  const told = Object.entries(properties)
    .filter((entry): entry is [string, string | number] => entry[1] !== undefined && entry[1] !== '')
    .map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${name}${told.length === 0 ? '' : ` ${told.join(',')}`}::${escapeData(message)}`;
}

/** A command's message: a line end would begin another line, which may be another command. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** A property's value: `,` would begin another, `:` might end them all. */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
