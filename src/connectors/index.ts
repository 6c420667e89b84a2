/** The connectors that come with the product, by name. */
import type { AnyConnector } from '../connector/connector.ts'
import { airtable } from './airtable/index.ts'
import { database } from './database/index.ts'
import { discourse } from './discourse/index.ts'
import { googleCalendar } from './google-calendar/index.ts'
import { googleChat } from './google-chat/index.ts'
import { missive } from './missive/index.ts'
import { teamwork } from './teamwork/index.ts'

export type Connectors = ReadonlyMap<string, AnyConnector>

export const connectors: Connectors = new Map<string, AnyConnector>(
  [googleChat, googleCalendar, discourse, database, teamwork, missive, airtable].map((connector) => [
    connector.name,
    connector,
  ]),
)
