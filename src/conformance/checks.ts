/** All checks, and how one is run: what it says is data. */
import type { AnyConnector } from '../connector/connector.ts'
import { ConnectorError, type Failure } from '../connector/failure.ts'
import { creating } from './creating.ts'
import { deleting } from './deleting.ts'
import { CannotTry, Differs, type Check, type Ground } from './ground.ts'
import { reading } from './reading.ts'
import { writing } from './writing.ts'

export const CHECKS: readonly Check[] = [...reading, ...creating, ...writing, ...deleting]

export type Verdict = 'as assumed' | 'differs' | 'not tried'

export interface Outcome {
  readonly verdict: Verdict
  /** What was seen, or why it could not be tried. */
  readonly seen: string
}

/** What the connector's author could not confirm comes first. */
export function inOrderFor({ unconfirmed }: AnyConnector): readonly Check[] {
  const isOpen = ({ id }: Check): boolean => unconfirmed?.[id] !== undefined
  return [...CHECKS.filter(isOpen), ...CHECKS.filter((check) => !isOpen(check))]
}

/** Failures that say something of the moment or of the credential, not of how the system behaves. */
const PASSING: ReadonlySet<Failure> = new Set(['unavailable', 'limited', 'unauthorized', 'forbidden'])

export async function runCheck(check: Check, ground: Ground): Promise<Outcome> {
  const without = check.without?.(ground) ?? null
  if (without !== null) return { verdict: 'not tried', seen: without }
  try {
    return { verdict: 'as assumed', seen: await check.run(ground) }
  } catch (error) {
    if (error instanceof Differs) return { verdict: 'differs', seen: error.message }
    if (error instanceof CannotTry) return { verdict: 'not tried', seen: error.message }
    if (!(error instanceof ConnectorError)) throw error
    const { failure, message, unreadable } = error
    return { verdict: PASSING.has(failure) && !unreadable ? 'not tried' : 'differs', seen: `${failure}: ${message}` }
  } finally {
    ground.trouble(null)
  }
}
