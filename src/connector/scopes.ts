/** How a feed that asks for each scope by itself goes through them. */
import type { Ref } from './values.ts'
import { ConnectorError, failedAs } from './failure.ts'

/**
 * What `read` tells of each scope. One that this credential may not read, or that is gone, keeps back none of the others, and
 * is told after them all the same. `what`: what scopes are called, for people.
 */
export async function* eachScope<Told>(
  what: string,
  scopes: readonly Ref[],
  read: (scope: Ref) => AsyncIterable<Told>,
): AsyncGenerator<Told> {
  let refused: ConnectorError | null = null
  for (const scope of scopes)
    try {
      yield* read(scope)
    } catch (error) {
      if (!failedAs(error, 'forbidden', 'missing')) throw error
      refused ??= new ConnectorError(error.failure, `the ${what} ${scope}: ${error.message}`)
    }
  if (refused !== null) throw refused
}
