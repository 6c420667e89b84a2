/** Tables of an application's own database, PostgreSQL or SQLite: their rows are items, and each owner's are a scope. */
import { defineConnector } from '../../connector/index.ts'
import { storageDraws } from './kept.ts'
import { connect, draws, type DatabaseApi } from './api.ts'
import { capture } from './capture.ts'
import { databaseConfig, limits, type DatabaseConfig } from './config.ts'
import { feedsOf } from './feed.ts'
import { files } from './files.ts'
import { layout } from './layout.ts'
import { kindsOf } from './kinds.ts'
import { probe } from './probe.ts'

export const database = defineConnector<DatabaseConfig, DatabaseApi>({
  name: 'database',
  title: 'Database',
  config: databaseConfig,
  limits,
  // Each write is one transaction; a file is kept beside it.
  calls: (config, undertaking) =>
    undertaking.do === 'upload' || undertaking.do === 'open' ? storageDraws(config) : [draws(config)],
  connect,
  probe,
  kinds: kindsOf,
  feeds: feedsOf,
  files,
  people: ({ people }) => (people === 'emails' ? { areEmails: true } : {}),
  capture,
  layout,
})
