/** What goes wrong before the eyes of a person: each has a cause, a remedy and an exit code. */
import { formatProblem, type Problem } from '../config/problem.ts'
import { ConnectorError } from '../connector/failure.ts'
import { StoreError } from '../store/errors.ts'

/** The exit codes of every command. */
export const EXIT = { inStep: 0, failed: 1, configuration: 2, held: 3, brake: 4 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export interface UserErrorDetail {
  readonly code: string
  readonly message: string
  readonly remedy: string
  readonly exit: ExitCode
  readonly cause?: unknown
}

/** One clear message. `remedy` may have several lines, each a choice. */
export class UserError extends Error {
  override readonly name = 'UserError'
  readonly code: string
  readonly remedy: string
  readonly exit: ExitCode
  constructor({ code, message, remedy, exit, cause }: UserErrorDetail) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.remedy = remedy
    this.exit = exit
  }
}

/** All that is wrong with a configuration. */
export class ConfigError extends UserError {
  readonly problems: readonly Problem[]
  constructor(problems: readonly Problem[]) {
    const message = problems.map(formatProblem).join('\n')
    super({ code: 'configuration', message, remedy: '', exit: EXIT.configuration })
    this.problems = problems
  }
}

/** Those of a store that a person's settings are behind. */
const BY_SETTINGS: ReadonlySet<string> = new Set([
  'wrong-key',
  'key-missing',
  'key-malformed',
  'key-exposed',
  'key-unreadable',
  'store-newer',
  'store-changed',
  'store-foreign',
  'store-unfit',
])

/** Anything thrown, as a message for a person; null: a fault of the program. */
export function userError(error: unknown): UserError | null {
  if (error instanceof UserError) return error
  if (error instanceof StoreError)
    return new UserError({
      code: error.code,
      message: error.message,
      remedy: error.remedy,
      exit: BY_SETTINGS.has(error.code) ? EXIT.configuration : EXIT.failed,
      cause: error,
    })
  if (error instanceof ConnectorError)
    return new UserError({
      code: error.failure,
      message: error.message,
      remedy: 'Try again later; `lockstep check` tells what is wrong with a connection.',
      exit: EXIT.failed,
      cause: error,
    })
  return null
}

export function cannotRead(path: string, why: string): UserError {
  return new UserError({
    code: 'cannot-read',
    message: `The file ${path} cannot be read: ${why}.`,
    remedy: 'Name a file that this user may read.',
    exit: EXIT.configuration,
  })
}

export function cannotWrite(path: string, why: string): UserError {
  return new UserError({
    code: 'cannot-write',
    message: `The file ${path} cannot be written: ${why}.`,
    remedy: 'Name a file in a folder where this user may write.',
    exit: EXIT.failed,
  })
}

export function portInUse(what: string, address: string, option: string): UserError {
  return new UserError({
    code: 'port-in-use',
    message: `${what} cannot listen on ${address}: another program does.`,
    remedy: `End that program, or give another address as ${option} in the configuration ("host:0" takes any free port).`,
    exit: EXIT.configuration,
  })
}

export function cannotListen(what: string, address: string, option: string, why: string): UserError {
  return new UserError({
    code: 'cannot-listen',
    message: `${what} cannot listen on ${address}: ${why}.`,
    remedy: `Give an address of this machine that this user may use as ${option} in the configuration.`,
    exit: EXIT.configuration,
  })
}

export function storeInUse(path: string): UserError {
  return new UserError({
    code: 'store-in-use',
    message: `Another Lockstep process owns the store ${path}, and does not answer.`,
    remedy:
      'Wait for it, let it go on where it was stopped ("fg", after Ctrl-Z), or end it. A store has one owner: to run two services, give each its own store.',
    exit: EXIT.failed,
  })
}

export function alreadyRunning(path: string): UserError {
  return new UserError({
    code: 'already-running',
    message: `The service is already running on the store ${path}.`,
    remedy: 'Use it as it is ("lockstep status"), or end it first.',
    exit: EXIT.failed,
  })
}
