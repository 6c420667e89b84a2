/**
 * The shipped connectors of Teamwork, Missive, databases and Airtable under seeded faults and crashes.
 *
 * npm run sim:tables -- [--seeds N] [--from S]   many
 *                       --seed X                 one, with its story
 */
import { runShipped } from '../shipped.ts'
import { runTables } from './run.ts'

process.exitCode = await runShipped(runTables)
