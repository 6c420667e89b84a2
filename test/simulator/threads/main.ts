/** The shipped connectors of Google Chat and Discourse under seeded faults and crashes. */
import { runShipped } from '../shipped.ts'
import { runThreads } from './run.ts'

process.exitCode = await runShipped(
  'sim:threads',
  'The shipped connectors of Google Chat and Discourse under seeded faults and crashes.',
  runThreads,
)
