/** Tables of an application's own database, PostgreSQL or SQLite: their rows are items, and each owner's are a scope. */
import { defineConnector } from '../../connector/index.ts'
import { connect, draws, type DatabaseApi } from './api.ts'
import { capture } from './capture.ts'
import { databaseConfig, limits, type DatabaseConfig } from './config.ts'
import { feedsOf } from './feed.ts'
import { kindsOf } from './kinds.ts'
import { probe } from './probe.ts'

export const database = defineConnector<DatabaseConfig, DatabaseApi>({
  name: 'database',
  title: 'Database',
  config: databaseConfig,
  limits,
  // Each is one transaction.
  calls: (config) => [draws(config)],
  connect,
  probe,
  kinds: kindsOf,
  feeds: feedsOf,
  capture,
})
