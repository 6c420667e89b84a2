/** `npm run demo:ingest`: Teamwork and Missive into tables that people query, by the product's binary. */
import { begin } from '../command.ts'
import { tour } from './tour.ts'

await begin({
  help: `npm run demo:ingest                    Teamwork and Missive into tables; Ctrl-C ends it
npm run demo:ingest -- --once          ends by itself, with a verdict; the exit code is 0 only
                                       if the tables say what both systems say
npm run demo:ingest -- --once --json   the last line on stdout is the summary as JSON

The tables are in SQLite, or in the PostgreSQL that the variable DATABASE_URL names, in a schema of their own.`,
  play: tour,
})
