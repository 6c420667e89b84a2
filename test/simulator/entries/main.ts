/** The shipped connectors of databases and Google Calendar under seeded faults and crashes. */
import { runShipped } from '../shipped.ts'
import { runEntries } from './run.ts'

process.exitCode = await runShipped(
  'sim:entries',
  'The shipped connectors of databases and Google Calendar under seeded faults and crashes.',
  runEntries,
)
