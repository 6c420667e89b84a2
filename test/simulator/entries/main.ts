/**
 * The shipped connectors of databases and Google Calendar under seeded faults and crashes.
 *
 * npm run sim:entries -- [--seeds N] [--from S]   many
 *                        --seed X                 one, with its story
 */
import { runShipped } from '../shipped.ts'
import { runEntries } from './run.ts'

process.exitCode = await runShipped(runEntries)
