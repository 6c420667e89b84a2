/**
 * The shipped connectors of Google Chat and Discourse under seeded faults and crashes.
 *
 * npm run sim:threads -- [--seeds N] [--from S]   many
 *                        --seed X                 one, with its story
 */
import { runShipped } from '../shipped.ts'
import { runThreads } from './run.ts'

process.exitCode = await runShipped(runThreads)
