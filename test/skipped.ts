/** A reporter that tells the tests that did not run, and why. */
import type { TestEvent } from 'node:test/reporters'

export default async function* skipped(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events)
    if (event.type === 'test:pass' && typeof event.data.skip === 'string')
      yield `  ${event.data.name}: ${event.data.skip}\n`
}
