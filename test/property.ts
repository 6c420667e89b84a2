/**
 * fast-check, set up. A commit is either good or not: with CI=true properties draw the same cases every time. Elsewhere
 * each run draws others, so that whoever works here finds what the same cases never show.
 */
import fc from 'fast-check'

if (process.env['CI'] === 'true') fc.configureGlobal({ seed: 1 })

export default fc
