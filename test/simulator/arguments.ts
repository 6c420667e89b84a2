/** Arguments of a command: help where it is asked for, and with what is wrong. */
import { parseArgs, type ParseArgsConfig } from 'node:util'

type Options = NonNullable<ParseArgsConfig['options']>
type Values<Of extends Options> = ReturnType<typeof parseArgs<{ options: Of }>>['values']

/** Ends the process where help was asked for (0), or an argument is none of these (2). */
export function argumentsOf<const Of extends Options>(help: string, options: Of): Values<Of> {
  if (process.argv.some((each) => each === '--help' || each === '-h')) {
    console.log(help)
    process.exit(0)
  }
  try {
    return parseArgs({ options }).values
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n\n${help}`)
    process.exit(2)
  }
}
