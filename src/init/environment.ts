/** Lines of a `.env`. */
import { parseEnv } from 'node:util'

/**
 * A variable and its value. Such a file knows no escapes: the quotes are those by which the value is read back as it is.
 * Without any that do, and where it is empty, the value is left open.
 */
export function assigned(name: string, value: string): string {
  const lines = ['"', "'", '`'].map((quote) => `${name}=${quote}${value}${quote}`)
  return lines.find((line) => value !== '' && parseEnv(line)[name] === value) ?? `${name}=`
}
