/** The shipped connectors of Teamwork, Missive, databases and Airtable under seeded faults and crashes. */
import { runShipped } from '../shipped.ts'
import { runTables } from './run.ts'

process.exitCode = await runShipped(
  'sim:tables',
  'The shipped connectors of Teamwork, Missive, databases and Airtable under seeded faults and crashes.',
  runTables,
)
