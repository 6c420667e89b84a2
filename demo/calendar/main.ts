/** `npm run demo:calendar`: an application's own table and Google calendars, kept in step by the product's binary. */
import { begin } from '../command.ts'
import { tour } from './tour.ts'

await begin({
  help: `npm run demo:calendar                    a table and two calendars, kept in step; Ctrl-C ends it
npm run demo:calendar -- --once          ends by itself, with a verdict; the exit code is 0 only
                                         if both sides agree and everything held that was tried
npm run demo:calendar -- --once --json   the last line on stdout is the summary as JSON

The table is in SQLite, or in the PostgreSQL that the variable DATABASE_URL names, in a schema of its own.`,
  play: tour,
})
